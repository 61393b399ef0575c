import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import fc from 'fast-check';

import { EntitlementService } from '../src/entitlement/index.js';
import { GiteaIssueTracker, GiteaModule, GiteaPermissions, GiteaStarts } from '../src/gitea/index.js';
import { issueKey, type IssueRef } from '../src/kernel/index.js';
import { readDetails } from '../src/orchestration/index.js';
import type { Job } from '../src/queue/index.js';
import { FakeGitea, type FakeDelivery } from '../src/testing/index.js';
import { HastyClock } from './support/hasty-clock.js';
import { issueBody } from './support/start-coordination.js';
import { SECRET } from './support/recorded-deliveries.js';
import { startOrchestration } from './support/start-orchestration.js';
import { startWebhookHost } from './support/webhook-host.js';

jest.setTimeout(240_000);

const BOT = 'mosaic';
const REPOSITORY = { owner: 'acme', repo: 'tools' } as const;
const URGENT = 'priority/high';
/** Longer than any interval between sweeps. */
const SWEEP_MS = 1_200_000;

/** What somebody does. What cannot be done at that moment is not done. */
interface Act {
  readonly what: (typeof WHAT)[number];
  /** Which of the issues that are there. */
  readonly issue: number;
  /** Ann may write, eve may not. */
  readonly by: 'ann' | 'eve';
}
const WHAT = [
  'open',
  'open for the bot',
  'assign',
  'unassign',
  'close',
  'reopen',
  'edit',
  'label',
  'block',
  'unblock',
  'comment',
  'delete',
] as const;

/** What becomes of the webhooks of one round: a number from 0 to 1 for each, what is dropped, and the copies. */
interface Fate {
  readonly dropped: number;
  readonly seed: number;
}

/** Gitea, and the coordinator's intake without anything that runs. */
class World {
  private acts = 0;
  private issues: IssueRef[] = [];

  private constructor(
    private readonly gitea: FakeGitea,
    private readonly end: () => Promise<void>,
    private readonly orchestration: Awaited<ReturnType<typeof startOrchestration>>,
  ) {}

  static async start(): Promise<World> {
    let seconds = 1_750_000_000;
    const gitea = await FakeGitea.start({ users: [BOT, 'ann', 'eve'], now: () => (seconds += 1) * 1_000 });
    await gitea.createRepository({
      owner: REPOSITORY.owner,
      name: REPOSITORY.repo,
      collaborators: { [BOT]: 'admin', ann: 'write', eve: 'read' },
    });
    const speaker = await Test.createTestingModule({
      imports: [
        GiteaModule.forRoot({
          baseUrl: gitea.url,
          token: gitea.createToken(BOT),
          botName: BOT,
          clock: new HastyClock(15_000),
        }),
      ],
    }).compile();
    const orchestration = await startOrchestration({
      options: {
        tracker: speaker.get(GiteaIssueTracker),
        starts: speaker.get(GiteaStarts),
        entitlement: EntitlementService.alone({ botName: BOT, permissions: speaker.get(GiteaPermissions) }),
      },
    });
    orchestration.queue.claim = () => Promise.resolve(undefined);
    const { loop, deliveries } = orchestration;
    const host = await startWebhookHost({
      webhook: { deliveryLog: deliveries, handler: { accepted: () => loop.wake() } },
    });
    gitea.createHook(REPOSITORY, { url: `${host.url}/webhook/gitea`, secret: SECRET });
    await orchestration.start();
    return new World(
      gitea,
      async () => {
        await Promise.all([host.app.close(), orchestration.close(), gitea.close()]);
        await speaker.close();
      },
      orchestration,
    );
  }

  /** People do this, and the webhooks of it meet their fate. */
  async round(acts: readonly Act[], fate: Fate): Promise<void> {
    const before = this.gitea.deliveries.length;
    this.gitea.holdDeliveries();
    for (const act of acts) this.do(act);
    const chance = chances(fate.seed);
    const kept = this.gitea.deliveries.slice(before).filter(() => chance() >= fate.dropped);
    this.gitea.releaseDeliveries(() =>
      shuffled(
        kept.flatMap((delivery) => copies(delivery, chance)),
        chance,
      ),
    );
    for (const delivery of shuffled(kept, chance)) {
      if (chance() < 0.3) this.gitea.replay(delivery.id);
    }
    await this.gitea.idle();
    await this.settle();
  }

  /** One look at everything. */
  async sweep(): Promise<void> {
    this.orchestration.clock.advance(SWEEP_MS);
    await this.settle();
  }

  /** What the coordinator holds of each issue that there ever was. */
  async held(): Promise<Readonly<Record<string, unknown>>> {
    const jobs = await this.orchestration.queue.list();
    return Object.fromEntries(jobs.filter(isLive).map((job) => [job.id, shown(job)]));
  }

  async isSettled(): Promise<boolean> {
    return (await this.orchestration.deliveries.unsettled(1)).length === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  private async settle(): Promise<void> {
    this.orchestration.loop.wake();
    await this.orchestration.loop.idle();
  }

  private do({ what, issue: at, by }: Act): void {
    const { gitea } = this;
    this.acts += 1;
    if (what === 'open' || what === 'open for the bot') {
      const assignees = what === 'open' ? [] : [BOT];
      const start = { title: `Issue ${this.acts}`, body: issueBody(), assignees };
      this.issues.push(gitea.openIssue(REPOSITORY, start, { by }));
      return;
    }
    const ref = this.issues[at % Math.max(this.issues.length, 1)];
    if (ref === undefined) return;
    const { state, author, assignees, labels, blockers } = gitea.issue(ref);
    const isOfBot = assignees.some(({ login }) => login === BOT);
    switch (what) {
      case 'assign':
        if (!isOfBot) gitea.assign(ref, [BOT], { by });
        return;
      case 'unassign':
        if (isOfBot) gitea.unassign(ref, [BOT], { by });
        return;
      case 'close':
        if ([...blockers].every((blocker) => blocker.state === 'closed')) gitea.closeIssue(ref, { by });
        return;
      case 'reopen':
        if (state === 'closed') gitea.reopen(ref, { by });
        return;
      case 'edit':
        // Of another's text nothing but a webhook tells who edited it, so that a lost one makes the job wait.
        if (author?.login === 'ann') gitea.editIssue(ref, { body: issueBody(`Act ${this.acts}`) }, { by: 'ann' });
        return;
      case 'label':
        if (labels.some(({ name }) => name === URGENT)) gitea.removeLabel(ref, URGENT, { by });
        else gitea.addLabel(ref, URGENT, { by });
        return;
      case 'block':
      case 'unblock':
        return this.link(ref, at, what);
      case 'comment':
        gitea.comment(ref, 'I see.', { by });
        return;
      case 'delete':
        gitea.deleteIssue(ref, { by });
        this.issues = this.issues.filter((other) => other !== ref);
    }
  }

  private link(ref: IssueRef, at: number, what: 'block' | 'unblock'): void {
    const blocker = this.issues[(at + 1) % this.issues.length];
    if (blocker === undefined || blocker === ref) return;
    const [blocked, other] = [this.gitea.issue(ref), this.gitea.issue(blocker)];
    const isLinked = [...blocked.blockers].includes(other);
    const isLinkedBack = [...other.blockers].includes(blocked);
    if (what === 'unblock' && isLinked) this.gitea.removeDependency(ref, blocker);
    if (what === 'block' && !isLinked && !isLinkedBack) this.gitea.addDependency(ref, blocker);
  }
}

/** Work that is over may as well never have begun: a job that no webhook told of is not there at all. */
function isLive({ state }: Job): boolean {
  return state !== 'cancelled' && state !== 'completed';
}

/** What must be equal. Of a job that waits for a person's word, no text was read, or that of before stays. */
function shown({ state, title, profile, priority, blockers, details }: Job): unknown {
  const { body, textHash, startedBy, halt } = readDetails(details);
  const waitsFor = blockers.map(({ issue, isFinished }) => `${issueKey(issue)} ${isFinished}`).sort();
  const made = { state, title, profile, priority, waitsFor, body, textHash, startedBy: startedBy?.login };
  return halt === null ? made : { state, profile, halt: halt.cause };
}

function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The same delivery under the same id, once or up to twenty times. */
function copies(delivery: FakeDelivery, chance: () => number): readonly FakeDelivery[] {
  const times = chance() < 0.7 ? 1 : 1 + Math.floor(chance() * 20);
  return Array.from({ length: times }, () => delivery);
}

function shuffled<T>(list: readonly T[], chance: () => number): readonly T[] {
  return list
    .map((entry) => ({ entry, at: chance() }))
    .sort((one, other) => one.at - other.at)
    .map(({ entry }) => entry);
}

const ACT: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom(...WHAT, 'open for the bot', 'assign', 'assign'),
  issue: fc.nat({ max: 3 }),
  by: fc.constantFrom('ann', 'ann', 'eve'),
});
/** Each is played three times. */
const CASES = 12;
const ROUNDS = fc.array(fc.array(ACT, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 7 });

describe('webhooks that are lost, doubled, replayed and out of order', () => {
  const worlds: World[] = [];
  const kinds = new Set<string>();

  async function play(rounds: readonly (readonly Act[])[], dropped: number, seed: number) {
    const world = await World.start();
    worlds.push(world);
    for (const [at, acts] of rounds.entries()) await world.round(acts, { dropped, seed: seed + at });
    await world.sweep();
    const held = await world.held();
    const isSettled = await world.isSettled();
    await world.sweep();
    const again = await world.held();
    worlds.splice(worlds.indexOf(world), 1);
    await world[Symbol.asyncDispose]();
    return { held, again, isSettled };
  }

  afterEach(async () => {
    for (const world of worlds.splice(0)) await world[Symbol.asyncDispose]();
  });

  it.each(fc.sample(fc.tuple(ROUNDS, fc.nat()), { numRuns: CASES, seed: 5 }).map((acts, at) => [at, ...acts] as const))(
    'leave the coordinator, after one sweep, as if each had come once and in order: case %i',
    async (_case, rounds, seed) => {
      const all = await play(rounds, 0, seed);
      const some = await play(rounds, 0.3, seed);
      const none = await play(rounds, 1, seed);

      expect(some).toEqual(all);
      expect(none).toEqual(all);
      expect(all.isSettled).toBe(true);
      expect(all.again).toEqual(all.held);
      for (const job of Object.values(all.held)) kinds.add((job as { halt?: string }).halt ?? (job as Job).state);
    },
  );

  it('ends in every way in which a job can wait', () => {
    expect([...kinds].sort()).toEqual(['available', 'pending', 'start']);
  });
});
