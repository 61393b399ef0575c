import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BOT = 'mosaic';
const PERSON = 'ada';
const OWNER = 'acme';
const REPOSITORIES = ['north', 'south', 'east', 'west'];
const AGENT = fileURLToPath(new URL('./agent.sh', import.meta.url));
/** People talk this much at most about one issue: reading it costs more with each. */
const MOST_COMMENTS = 12;
/** How long a long step of an agent takes. */
const LONG_MS = [6_000, 9_000];
const GATES = `base: must_pass
gates:
  test: |
    ls answers/*.txt >/dev/null 2>&1 && bad=0 || bad=1
    printf '1..1\\n# tests 1\\n# pass %s\\n# fail %s\\n' $((1 - bad)) $bad
    test $bad = 0
`;

/** Gitea, the model and people, in the harness's own process, which nobody kills: what they know is the truth. */
export class World {
  /** By name such as `acme/north#3`. */
  issues = new Map();
  /** Deliveries that were made, to be sent again. */
  made = [];
  isClosed = false;

  /** @param given `folder`, `random`, `workMs` of a short step at most, `longShare` of long steps, and `send`, which takes each delivery that Gitea makes */
  static async start(program, given) {
    const testing = await import(`file://${join(program, '../testing/index.js')}`);
    const secret = () => randomBytes(16).toString('hex');
    const world = new World();
    Object.assign(world, given, { secrets: { webhook: secret(), model: secret(), api: secret() } });
    world.gitea = await testing.FakeGitea.start({ users: [PERSON, BOT] });
    world.token = world.gitea.createToken(BOT);
    for (const name of REPOSITORIES) {
      await world.gitea.createRepository({
        owner: OWNER,
        name,
        files: { 'README.md': `# ${name}\n`, 'answers/.keep': '', '.mosaic/coordinator.yml': GATES },
        collaborators: { [BOT]: 'write', [PERSON]: 'admin' },
      });
      // It is never called: every delivery is taken from the fake before it sends it.
      world.gitea.createHook(
        { owner: OWNER, repo: name },
        { url: 'http://127.0.0.1:9/', secret: world.secrets.webhook },
      );
    }
    world.gitea.holdDeliveries();
    world.model = new testing.ScriptedModelServer({ apiKey: world.secrets.model, rules: [world.agentRule(testing)] });
    world.modelUrl = await world.model.start();
    return world;
  }

  get unfinished() {
    return [...this.issues.values()].filter(({ endedAt }) => endedAt === null);
  }

  get names() {
    return REPOSITORIES.map((repo) => ({ owner: OWNER, repo }));
  }

  /** Opens an issue that waits for others, sometimes, and gives it to the bot. */
  open() {
    const { random, gitea } = this;
    const repo = random.pick(REPOSITORIES);
    const candidates = this.unfinished.filter((other) => other.blockers.length < 3);
    const blockers = random.chance(0.4) ? [random.pick(candidates)].filter(Boolean) : [];
    const named = blockers.map(
      ({ ref }) => `- Blocked by: ${ref.repo === repo ? '' : `${OWNER}/${ref.repo}`}#${ref.number}`,
    );
    const body = [
      '## Objective',
      'Make the answer right, in the one file that has something to do with it.',
      '## Context Estimate',
      '- Total estimated: 20,000 tokens',
      '## Difficulty',
      'easy',
      ...(named.length > 0 ? ['## Dependencies', ...named] : []),
      '## Acceptance Criteria',
      '- [ ] the answer is right',
      '',
    ].join('\n');
    const ref = gitea.openIssue({ owner: OWNER, repo }, { title: 'Make it right', body }, { by: PERSON });
    for (const blocker of blockers) {
      if (blocker.ref.repo === repo && random.chance(0.5)) gitea.addDependency(ref, blocker.ref);
    }
    gitea.assign(ref, [BOT], { by: PERSON });
    const name = `${OWNER}/${repo}#${ref.number}`;
    this.issues.set(name, { name, ref, blockers: blockers.map((one) => one.name), endedAt: null, isEnding: false });
    this.flush();
  }

  /** Something that changes nothing of what must be done, and makes a delivery all the same. */
  chatter() {
    const { random, gitea } = this;
    const issue = random.pick(random.chance(0.8) ? this.unfinished : [...this.issues.values()]);
    const roll = random.fraction();
    if (issue === undefined || (roll > 0.45 && this.made.length > 0)) {
      const again = random.pick(this.made);
      if (again !== undefined) this.send(again.delivery, roll > 0.75 ? again.id : undefined);
      return;
    }
    const { comments, labels } = gitea.issue(issue.ref);
    if (roll < 0.25 && comments.length < MOST_COMMENTS) gitea.comment(issue.ref, 'How is it going?', { by: PERSON });
    else if (labels.some(({ name }) => name === 'urgent')) gitea.removeLabel(issue.ref, 'urgent', { by: PERSON });
    else gitea.addLabel(issue.ref, 'urgent', { by: PERSON });
    this.flush();
  }

  /** People merge what is in review, or close its issue. */
  async review() {
    for (const issue of this.unfinished) {
      const { labels } = this.gitea.issue(issue.ref);
      if (issue.isEnding || !labels.some(({ name }) => name === 'mosaic/in-review')) continue;
      const pull = this.gitea
        .issues(issue.ref)
        .find((one) => one.pull?.headBranch.startsWith(`coordinator/${issue.ref.number}-`) && one.state === 'open');
      if (pull === undefined || this.hasOpenBlocker(issue)) continue;
      issue.isEnding = true;
      // From here on what waits for it may start.
      issue.endedAt = Date.now();
      if (this.random.chance(0.85)) await this.gitea.mergePullRequest(issue.ref, pull.number, { by: PERSON });
      else this.gitea.closeIssue(issue.ref, { by: PERSON });
      this.flush();
    }
  }

  /** The deliveries that Gitea made by now, whoever acted. */
  flush() {
    if (this.isClosed) return;
    this.gitea.releaseDeliveries((held) => {
      for (const delivery of held) {
        // Pushes are of no interest, and the hook did not ask for them.
        const id = this.send(delivery, delivery.id);
        this.made.push({ delivery, id });
        if (this.made.length > 2_000) this.made.splice(this.random.between(0, 1_999), 1);
      }
      return [];
    });
    this.gitea.holdDeliveries();
  }

  async close() {
    this.isClosed = true;
    await Promise.all([this.gitea.close(), this.model.stop()]);
  }

  hasOpenBlocker(issue) {
    return (
      this.gitea.issue(issue.ref).blockers.size > 0 &&
      [...this.gitea.issue(issue.ref).blockers].some(({ state }) => state === 'open')
    );
  }

  /** Most are short, and some longer than a lease lasts: those are cut off in the middle. */
  stepMs() {
    const { random, workMs, longShare } = this;
    return random.chance(longShare) ? random.between(...LONG_MS) : random.fraction() * workMs;
  }

  agentRule({ stepsRule, callTool, say }) {
    const step = (number) => (conversation) => {
      const [issue] = /acme\/\w+#\d+/.exec(conversation.firstPrompt) ?? ['none'];
      const seconds = (this.stepMs() / 1_000).toFixed(3);
      return callTool('bash', { command: `bash ${AGENT} ${this.folder} '${issue}' ${number} ${seconds}` });
    };
    return stepsRule({
      name: 'works',
      when: ({ outputSchema }) => outputSchema === null,
      steps: [step(1), step(2), say('The answer is right.')],
    });
  }
}
