import { Inject, Injectable } from '@nestjs/common';

import { messageOf, type IssueRef } from '../../kernel/index.js';
import { JobChangedError, personNamed, type Job } from '../../queue/index.js';
import { decideCommand, type CommandDecision, type CommandScene } from './decide-command.js';
import { heardRemarks } from './heard-remarks.js';
import type { IssueRemark, ReadMark } from '../ports/issue-tracker.port.js';
import { readDetails, storeDetails } from '../job-details.js';
import { readMarkOf } from '../read-mark-of.js';
import type { CommandCarriedOut, CommandIgnored, WriteBackFailed } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import type { Orders } from './orders.js';
import { whyUnfit } from '../runs/profile-choice.js';
import { joinAnswers } from './join-answers.js';
import { MOST_COMMANDS, readCommands, type Command } from './read-command.js';
import type { Remark } from '../ports/remark.types.js';
import { statusText } from '../status/status-comment.js';
import { statusViewOf } from '../status/status-view.js';

/** Older answers than these are not written any more. */
const MOST_OWED = 20;

/** Where comments are read. */
interface Place {
  /** The issue, or the pull request that the job follows. */
  readonly on: IssueRef;
  /** Whether the job's issue is open and assigned to the bot. */
  readonly isWanted: boolean;
  /** Whether somebody had seen the issue's text as it is now when they commented, as far as that is known. */
  readonly hasSeenText: (login: string) => boolean;
}

/**
 * Carries out what people order in comments, and answers each of those comments once.
 *
 * Each comment is read once: how far was read, what was ordered and which answers are not written yet is kept with the
 * job. Cut off between a change of state and that note, a command is carried out a second time, and finds its work
 * done. Calls about one job must not run side by side.
 */
@Injectable()
export class CommandDesk {
  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  /**
   * Reads the comments that were not read yet, and returns the job as their commands left it. Ids of comments and of
   * starts are of one count.
   *
   * @throws {EntitlementUnknownError} if it cannot be told now who may order something: the comment is read again
   */
  async attend(job: Job, place: Place): Promise<Job> {
    const { on } = place;
    const since = readMarkOf(job, on);
    const reading = await this.options.tracker.remarksAfter(on, since);
    const remarks = reading?.remarks ?? [];
    let present = job;
    for (const remark of remarks) {
      const commands = readCommands(remark.text);
      if (commands.length > 0) present = await this.obey(present, place, remark, commands);
    }
    // Where nobody but the bot has written, that need not be kept: so much is soon read again.
    if (reading !== null && remarks.length > 0) {
      present = await this.note(present, readUpTo(present, place, reading.readTo));
    }
    return this.payOwed(present);
  }

  private async obey(job: Job, place: Place, remark: IssueRemark, commands: readonly Command[]): Promise<Job> {
    const { author: by } = remark;
    const standing = await this.options.entitlement.standingOf(job.issue, by);
    if (!standing.isEntitled) {
      const { issue } = job;
      this.options.bus.publish({
        type: 'orchestration.command-ignored',
        issue,
        by,
        reason: standing.why,
      } satisfies CommandIgnored);
      return job;
    }
    const answers: string[] = [];
    let present = job;
    for (const command of commands.slice(0, MOST_COMMANDS)) {
      const { answer, ...rest } = decideCommand(command, await this.sceneOf(present, place, remark, command));
      answers.push(answer);
      present = await this.carryOut(present, command, by, rest);
    }
    const owed = { on: place.on.number, comment: remark.id, text: joinAnswers(answers, commands) };
    const { orders } = readDetails(present.details);
    return this.note(present, {
      ...readUpTo(present, place, remark),
      owed: [...orders.owed, owed].slice(-MOST_OWED),
    });
  }

  private async sceneOf(
    job: Job,
    { isWanted, hasSeenText }: Place,
    remark: IssueRemark,
    command: Command,
  ): Promise<CommandScene> {
    const { queue, registry } = this.options;
    const { orders, metadata } = readDetails(job.details);
    const named = registry.profiles.find(({ name }) => command.kind === 'agent' && isSame(name, command.profile));
    const unfit = named === undefined ? null : await whyUnfit(this.options, metadata, named);
    return {
      job,
      orders,
      isWanted,
      hasSeenText: hasSeenText(remark.author),
      by: remark.author,
      comment: remark.id,
      at: remark.at,
      remarks: await this.remarksWith(job, remark, orders),
      why: await queue.explain(job.id),
      status: statusText(await statusViewOf(this.options, job)),
      profiles: registry.profiles.map(({ name }) => name),
      unfitBecause: () => unfit,
    };
  }

  /** What was said in this comment; while the job is paused, all that was said since. */
  private async remarksWith(job: Job, remark: IssueRemark, { pause }: Orders): Promise<readonly Remark[]> {
    const since = pause && { id: pause.comment, at: pause.at ?? null };
    const reading = since && (await this.options.tracker.remarksAfter(job.issue, since));
    const said = reading?.remarks.filter(({ id }) => id <= remark.id) ?? [remark];
    return heardRemarks(this.options, job.issue, said);
  }

  private async carryOut(
    job: Job,
    command: Command,
    by: string,
    { orders, move, profile, priority }: Omit<CommandDecision, 'answer'>,
  ): Promise<Job> {
    const { queue, runs, bus } = this.options;
    const { id: jobId, issue } = job;
    if (move !== undefined) await queue.move({ jobId, ...move, by: personNamed(by) });
    const found = await queue.require(issue);
    // Whoever has claimed it since does it with the profile that it had.
    if (profile !== undefined && found.state === 'running') {
      throw new JobChangedError(`${jobId} is ${found.state} by now, not ${job.state}: read it again`);
    }
    // A session of another profile's agent cannot be gone on with.
    if (profile !== undefined && profile !== job.profile) await runs.resetRounds(jobId);
    bus.publish({
      type: 'orchestration.command-carried-out',
      issue,
      by,
      command: command.kind,
    } satisfies CommandCarriedOut);
    const present = {
      ...found,
      // What has none yet gets it when everything that was ordered with its assignment is read.
      ...(profile && found.profile !== '' && { profile }),
      ...(priority !== undefined && { priority }),
    };
    return this.note(present, orders ?? {});
  }

  private async note(job: Job, orders: Partial<Orders>): Promise<Job> {
    const details = readDetails(job.details);
    const noted = storeDetails({ ...details, orders: { ...details.orders, ...orders } });
    const { job: present } = await this.options.queue.enqueue({ ...job, details: noted }, 'A person ordered it.');
    return present;
  }

  /** Writes the answers that are owed. What cannot be written is tried again at the next look at the job. */
  private async payOwed(job: Job): Promise<Job> {
    const { tracker, bus } = this.options;
    const { owed } = readDetails(job.details).orders;
    if (owed.length === 0) return job;
    const { issue } = job;
    const left = [];
    for (const answer of owed) {
      try {
        await tracker.ensureComment({ ...issue, number: answer.on }, `command-${answer.comment}`, answer.text);
      } catch (error) {
        left.push(answer);
        bus.publish({
          type: 'orchestration.write-back-failed',
          issue,
          reason: messageOf(error),
        } satisfies WriteBackFailed);
      }
    }
    return left.length === owed.length ? job : this.note(job, { owed: left });
  }
}

function readUpTo({ details }: Job, { on }: Place, { id, at }: ReadMark): Pick<Orders, 'read' | 'readAt'> {
  const { read, readAt } = readDetails(details).orders;
  return {
    read: { ...read, [on.number]: id },
    readAt: at === null ? readAt : { ...readAt, [on.number]: at },
  };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
