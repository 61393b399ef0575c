import type { Job, JobMove, JobState } from '../../queue/index.js';
import type { Remark } from '../ports/remark.types.js';
import type { Orders } from './orders.js';
import type { Command } from './read-command.js';
import { notKnown } from './join-answers.js';
import { escapeText } from '../status/status-comment.js';

/** What a command meets. */
export interface CommandScene {
  readonly job: Pick<Job, 'state' | 'profile' | 'priority'>;
  readonly orders: Orders;
  /** Whether its issue is open and assigned to the bot. */
  readonly isWanted: boolean;
  /** Whether whoever says it had seen the text as it is now. */
  readonly hasSeenText: boolean;
  /** Login of whoever says it, and the id of the comment. */
  readonly by: string;
  readonly comment: number;
  /** When that was written, as a ReadMark has it. */
  readonly at: number | null;
  /** What is said besides commands: in this comment, and since the pause where there is one. */
  readonly remarks: readonly Remark[];
  /** One sentence on what the job waits for. */
  readonly why: string;
  /** The text of the status comment as it is now. */
  readonly status: string;
  /** The names of the agent profiles. */
  readonly profiles: readonly string[];
  /** Why a profile cannot take the issue, in a clause; null where it can. Asked for a profile that exists. */
  readonly unfitBecause: (profile: string) => string | null;
}

/** What follows from a command. What is left out stays as it is. */
export interface CommandDecision {
  /** What the person is answered; empty where the list of commands says it all. */
  readonly answer: string;
  readonly orders?: Partial<Orders>;
  readonly move?: Pick<JobMove, 'from' | 'to' | 'reason' | 'failures'>;
  readonly profile?: string;
  readonly priority?: number;
}

const WAITING = ['pending', 'available', 'retryable'] as const satisfies readonly JobState[];

/** What a command of somebody entitled leads to. It only decides. */
export function decideCommand(command: Command, scene: CommandScene): CommandDecision {
  switch (command.kind) {
    case 'status':
      return { answer: scene.status };
    case 'why':
      return { answer: escapeText(scene.why) };
    case 'retry':
      return retry(scene);
    case 'cancel':
      return cancel(scene);
    case 'pause':
      return pause(scene);
    case 'resume':
      return resume(scene);
    case 'agent':
      return pinAgent(command.profile, scene);
    case 'priority':
      return pinPriority(command.priority);
    case 'unknown':
      return { answer: notKnown(command.said) };
  }
}

function retry(scene: CommandScene): CommandDecision {
  const { job, by } = scene;
  switch (job.state) {
    case 'needs_attention':
    case 'cancelled':
      return freshStart(scene, 'It goes on with fresh rounds.');
    case 'retryable': {
      const reason = `${by} wants it tried again at once.`;
      return {
        answer: 'It is tried again at once.',
        move: { from: 'retryable', to: 'available', reason, failures: 0 },
      };
    }
    case 'completed':
      return { answer: 'The work is done. Open the issue again, and it begins again.' };
    case 'in_review':
      return refused('Its pull request waits for review. Request changes there, and it goes on', scene);
    case 'pending':
    case 'available':
    case 'running':
      return refused('There is nothing to try again', scene);
  }
}

function freshStart({ isWanted, hasSeenText, by, remarks }: CommandScene, answer: string): CommandDecision {
  if (!hasSeenText) return { answer: 'The issue was edited after that was said. Look at its text, and say it again.' };
  if (!isWanted) return { answer: 'Nothing begins before the issue is open and assigned to the bot.' };
  return { answer, orders: { retry: { by, remarks }, pause: null, cancelledBy: null } };
}

function cancel(scene: CommandScene): CommandDecision {
  const { job, by } = scene;
  if (job.state === 'cancelled' || job.state === 'completed') return refused('It is over already', scene);
  return {
    answer:
      'It is cancelled. What was done so far is kept. `/mosaic retry` or a new assignment of the bot begins it again.',
    orders: { cancelledBy: by, pause: null, retry: null },
    move: { from: job.state, to: 'cancelled', reason: `${by} cancelled it by a command.` },
  };
}

function pause(scene: CommandScene): CommandDecision {
  const { job, by, comment, at, orders } = scene;
  if (orders.pause !== null && job.state === 'needs_attention') return refused('It is paused already', scene);
  const from = [...WAITING, 'running' as const].find((state) => state === job.state);
  if (from === undefined) return refused('Nothing runs that could be paused', scene);
  return {
    answer: 'It is paused, and its work is kept. `/mosaic resume` goes on.',
    orders: { pause: { by, comment, at } },
    move: { from, to: 'needs_attention', reason: `Paused by ${by}: /mosaic resume goes on.` },
  };
}

function resume(scene: CommandScene): CommandDecision {
  const { job, by, orders, remarks } = scene;
  if (orders.pause === null || job.state !== 'needs_attention') return refused('It is not paused', scene);
  // A session that is gone on with is not told anything: what was said meanwhile is for a fresh one.
  if (remarks.length > 0) return freshStart(scene, 'It goes on afresh, with what was said meanwhile.');
  return {
    answer: 'It goes on.',
    orders: { pause: null },
    move: { from: 'needs_attention', to: 'available', reason: `${by} ended the pause.` },
  };
}

function pinPriority(priority: number): CommandDecision {
  return { answer: `Its priority is ${priority}.`, orders: { priority }, priority };
}

function pinAgent(said: string, scene: CommandScene): CommandDecision {
  const { job, profiles, unfitBecause } = scene;
  const profile = profiles.find((name) => name.toLowerCase() === said.toLowerCase());
  if (profile === undefined) {
    const known = profiles.length === 0 ? 'There is none' : `There are: ${profiles.join(', ')}`;
    return { answer: `There is no agent profile ${escapeText(said)}. ${known}.` };
  }
  const unfit = unfitBecause(profile);
  if (unfit !== null) return { answer: `The profile ${profile} cannot take this issue: ${escapeText(unfit)}.` };
  const orders = { profile };
  if (WAITING.some((state) => state === job.state)) {
    return { answer: `The agent profile ${profile} does it.`, orders, profile };
  }
  const answer = `The agent profile ${profile} does it from the next fresh start on, such as after \`/mosaic retry\`.`;
  return { answer, orders };
}

function refused(why: string, { why: present }: CommandScene): CommandDecision {
  return { answer: `${why}. ${escapeText(present)}` };
}
