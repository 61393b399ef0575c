import { Inject, Injectable } from '@nestjs/common';

import { isSameLogin, issueKey, type IssueRef } from '../../kernel/index.js';
import type { CommandCarriedOut, CommandIgnored } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import type { IssueRemark, ReadMark, TrackedIssue } from '../ports/issue-tracker.port.js';
import { joblessAnswer } from './jobless-answer.js';
import { MOST_COMMANDS, readCommands } from './read-command.js';

/** How long before the newest delivery comments are looked for, in milliseconds: nobody waits for older answers. */
const LATELY_MS = 3_600_000;
/** Of one issue no more comments are answered at once. */
const MOST_ANSWERED = 5;
const MOST_REMEMBERED = 1_000;

/**
 * Answers commands on issues that have no job, each once: that nothing is under way, and why. They change nothing, and no
 * job is made for them. What no webhook tells is not looked for, as nobody works on such an issue.
 */
@Injectable()
export class JoblessCommands {
  /** By issue, how far its comments were read, the oldest first. A restart forgets it, and answers nothing twice. */
  private readonly read = new Map<string, ReadMark>();

  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  /**
   * Call it after an issue on which somebody commented was looked at.
   *
   * @param at when the issue was last changed, in milliseconds since 1970; null where that is not known
   * @throws {EntitlementUnknownError} if it cannot be told now who may be answered: the comments are read again
   */
  async attend(ref: IssueRef, at: number | null): Promise<void> {
    const { tracker, queue } = this.options;
    const key = issueKey(ref);
    if (!tracker.canWrite || (await queue.find(key)) !== undefined) return;
    const mark = this.read.get(key) ?? { id: 0, at: at === null ? null : at - LATELY_MS };
    const reading = await tracker.remarksAfter(ref, mark);
    if (reading === null) return;
    const orders = reading.remarks.filter(({ text }) => readCommands(text).length > 0);
    if (orders.length > 0) await this.answerAll(ref, orders.slice(-MOST_ANSWERED));
    this.remember(key, reading.readTo);
  }

  private async answerAll(ref: IssueRef, orders: readonly IssueRemark[]): Promise<void> {
    const reading = await this.options.tracker.readIssue(ref);
    if (reading.kind !== 'found') return;
    for (const order of orders) await this.answer(reading.issue, order);
  }

  private async answer({ ref, state, assignees }: TrackedIssue, { id, author: by, text }: IssueRemark): Promise<void> {
    const { tracker, entitlement, botName, bus } = this.options;
    const isOpen = state === 'open';
    const isAssigned = assignees.some((login) => isSameLogin(login, botName));
    // It was given to the bot since: a delivery of that is on its way, and the job answers for itself.
    if (isOpen && isAssigned) return;
    const standing = await entitlement.standingOf(ref, by);
    if (!standing.isEntitled) {
      const { why: reason } = standing;
      bus.publish({ type: 'orchestration.command-ignored', issue: ref, by, reason } satisfies CommandIgnored);
      return;
    }
    const commands = readCommands(text);
    await tracker.ensureComment(ref, `command-${id}`, joblessAnswer(commands, { isOpen, isAssigned, botName }), 'new');
    for (const { kind: command } of commands.slice(0, MOST_COMMANDS)) {
      bus.publish({ type: 'orchestration.command-carried-out', issue: ref, by, command } satisfies CommandCarriedOut);
    }
  }

  private remember(key: string, mark: ReadMark): void {
    this.read.delete(key);
    this.read.set(key, mark);
    const [oldest] = this.read.keys();
    if (this.read.size > MOST_REMEMBERED && oldest !== undefined) this.read.delete(oldest);
  }
}
