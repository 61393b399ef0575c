import { issueKey, type IssueRef } from '../../src/kernel/index.js';
import { InMemoryIssueTracker, type TrackedIssue } from '../../src/orchestration/index.js';
import type { Delivery } from '../../src/webhook/index.js';
import type { Dice } from './dice.js';
import type { SimulatedTime } from './simulated-time.js';

export const BOT = 'mosaic';

/** An issue as people made it. */
export interface PlainIssue {
  readonly key: string;
  readonly ref: IssueRef;
  isOpen: boolean;
  isAssigned: boolean;
  readonly blockers: Set<PlainIssue>;
  title: string;
  /** What must be so when it is done. */
  body: string;
  /** Grows with every act. */
  version: number;
  /** When its present openness began, and since when each blocker stands there, in milliseconds of the simulation. */
  openSince: number;
  readonly blockedSince: Map<PlainIssue, number>;
}

/** A webhook on its way. Gitea sends each once; some are lost, some come twice, some late. */
export interface Sending {
  readonly delivery: Delivery;
}

/** Gitea, and the people who use it. */
export class SimulatedGitea {
  readonly tracker = new InMemoryIssueTracker(BOT);
  readonly issues: readonly PlainIssue[];
  readonly sendings: Sending[] = [];
  private deliveries = 0;

  constructor(
    private readonly time: SimulatedTime,
    private readonly dice: Dice,
    count: number,
  ) {
    this.issues = Array.from({ length: count }, (_, at) => {
      const ref = { owner: 'acme', repo: at % 3 === 0 ? 'api' : 'web', number: at + 1 };
      const issue: PlainIssue = {
        key: issueKey(ref),
        ref,
        isOpen: true,
        isAssigned: false,
        blockers: new Set(),
        title: 'Work',
        body: 'it is right',
        version: 0,
        openSince: 0,
        blockedSince: new Map(),
      };
      this.tracker.put(this.tracked(issue, []));
      return issue;
    });
  }

  /** Somebody does something. Returns what, in words. */
  act(): string {
    const { dice } = this;
    const issue = dice.pick(this.issues);
    const name = `#${issue.ref.number}`;
    const roll = dice.below(100);
    if (roll < 45) {
      if (issue.isAssigned) return issue.isOpen && dice.isLucky(0.8) ? this.revise(issue) : this.unassign(issue);
      return this.assign(issue);
    }
    if (roll < 55) return issue.isAssigned ? this.unassign(issue) : this.assign(issue);
    if (roll < 65) return issue.isOpen ? this.close(issue) : this.reopen(issue);
    if (roll < 72) return issue.isOpen ? `${name} stays open` : this.reopen(issue);
    return roll < 92 ? this.block(issue) : this.revise(issue);
  }

  assign(issue: PlainIssue): string {
    issue.isAssigned = true;
    this.changed(issue, 'issue_assign', 'assigned');
    return `#${issue.ref.number} is assigned to the bot`;
  }

  unassign(issue: PlainIssue): string {
    issue.isAssigned = false;
    this.changed(issue, 'issue_assign', 'unassigned');
    return `#${issue.ref.number} is taken from the bot`;
  }

  close(issue: PlainIssue): string {
    issue.isOpen = false;
    this.changed(issue, 'issues', 'closed');
    return `#${issue.ref.number} is closed`;
  }

  reopen(issue: PlainIssue): string {
    issue.isOpen = true;
    issue.openSince = this.time.elapsed;
    this.changed(issue, 'issues', 'reopened');
    return `#${issue.ref.number} is opened again`;
  }

  /** The webhooks that are still on their way are gone: whatever they said must be found in another way. */
  loseAll(): void {
    this.sendings.length = 0;
  }

  /** What is asked for is another thing, or is called so. */
  private revise(issue: PlainIssue): string {
    const isOther = this.dice.isLucky(0.3);
    const text = `Revised at ${this.time.elapsed}`;
    if (isOther) issue.body = text;
    else issue.title = text;
    this.changed(issue, 'issues', 'edited');
    return `#${issue.ref.number} is ${isOther ? 'changed' : 'renamed'}`;
  }

  private block(issue: PlainIssue): string {
    const earlier = this.issues.filter(({ ref }) => ref.number < issue.ref.number);
    if (earlier.length === 0) return 'nobody does anything';
    const blocker = this.dice.pick(earlier);
    const what = `#${blocker.ref.number}`;
    if (issue.blockers.delete(blocker)) {
      issue.blockedSince.delete(blocker);
      this.changed(issue, 'issues', 'edited');
      return `#${issue.ref.number} does not wait for ${what} any more`;
    }
    issue.blockers.add(blocker);
    issue.blockedSince.set(blocker, this.time.elapsed);
    this.changed(issue, 'issues', 'edited');
    return `#${issue.ref.number} waits for ${what}`;
  }

  /** Shows the issue as it is now, those that wait for it too, and sends a webhook about it. */
  private changed(issue: PlainIssue, kind: string, action: string): void {
    issue.version += 1;
    const snapshot = this.show(issue);
    for (const other of this.issues) if (other.blockers.has(issue)) this.show(other);
    this.deliveries += 1;
    const { ref, title, body, state, assignees, labels, defaultBranch } = snapshot;
    const updatedAt = new Date(this.time.wall).toISOString();
    const delivery: Delivery = {
      id: `delivery-${this.deliveries}`,
      kind,
      action,
      issue: { ref, title, body, state, assignees, labels, updatedAt, defaultBranch },
      sender: 'ada',
      receivedAt: this.time.wall,
    };
    if (this.dice.isLucky(0.07)) return;
    this.sendings.push({ delivery });
    if (this.dice.isLucky(0.07)) this.sendings.push({ delivery });
    if (this.dice.isLucky(0.04)) this.sendings.push({ delivery: { ...delivery, id: `${delivery.id} again` } });
  }

  private show(issue: PlainIssue): TrackedIssue {
    const shown = this.tracked(issue, this.tracker['issues'].get(issue.key)?.labels ?? []);
    this.tracker.put(shown);
    return shown;
  }

  private tracked(issue: PlainIssue, labels: readonly string[]): TrackedIssue {
    return {
      ref: issue.ref,
      title: issue.title,
      body: issue.body,
      author: 'ada',
      state: issue.isOpen ? 'open' : 'closed',
      assignees: issue.isAssigned ? [BOT] : [],
      labels,
      blockedBy: [...issue.blockers].map(({ ref, isOpen }) => ({ issue: ref, isFinished: !isOpen })),
      hiddenBlockers: 0,
      blocks: [],
      defaultBranch: 'main',
    };
  }
}
