import { verdictReport } from '../../quality-gates/index.js';
import type { JobProgress, RejectedRound } from '../ports/run-store.port.js';
import { escapeText, spentSentence, stateLabel, type StatusView } from './status-comment.js';

/** How many rounds a story tells one by one; of earlier ones it tells how many there were. */
const MOST_ROUNDS = 20;
const MOST_FAILURES = 5;

/** The marker of the story of one stop: each has a comment of its own, so that none is overwritten by the next. */
export function storyMarker({ job }: Pick<StatusView, 'job'>): string {
  return `story-${job.fencingToken}`;
}

/** Whether there is more to tell of a stop than its reason. */
export function hasStory({ progress }: Pick<StatusView, 'progress'>): boolean {
  return progress.stop !== null && (progress.rounds.length > 0 || progress.draft !== null);
}

/**
 * The whole story of a job that was stopped for a person: what was tried, what came of it, what it cost, where the work
 * is, and what the person can do. What gates and agents said stands in it as characters only.
 */
export function story({ job, progress, cost, labelScope }: StatusView): string {
  const { verdict, draft } = progress;
  return [
    `**The work on this issue was stopped.** ${escapeText(job.reason)}`,
    roundsTable(progress.rounds),
    tried(job.profile, progress),
    `Spent: ${spentSentence(progress, cost)}.`,
    draft === null
      ? 'Nothing was left that is not published.'
      : `The work so far is on the branch \`${draft.branch}\` (commit ${draft.commit}). No gate has passed it.`,
    ...(verdict === null || verdict.passed
      ? []
      : [`<details><summary>The last verdict</summary>\n\n${verdictReport(verdict)}\n\n</details>`]),
    [
      'What you can do:',
      '',
      '- Comment on this issue, if you may write to the repository: an agent gets the comment and goes on, with fresh rounds. `/mosaic retry` goes on too, and `/mosaic agent <profile>` before it has another agent do it.',
      `- Take the label \`${stateLabel(labelScope, 'needs_attention')}\` away: it goes on as it is, with fresh rounds.`,
      '- Edit the issue: it is read anew, and goes on.',
      ...(draft === null ? [] : [`- Go on by hand, from the branch \`${draft.branch}\`.`]),
      '- Unassign the bot or close the issue: the work ends.',
    ].join('\n'),
  ].join('\n\n');
}

function roundsTable(rounds: readonly RejectedRound[]): string {
  if (rounds.length === 0) return 'No round was rejected.';
  const shown = rounds.slice(-MOST_ROUNDS);
  const first = rounds.length - shown.length + 1;
  return [
    '| Round | Commit | Rejected because | Failed | Changed |',
    '| --- | --- | --- | --- | --- |',
    ...shown.map((round, at) => `| ${first + at} | ${cells(round).join(' | ')} |`),
  ].join('\n');
}

function cells({ commit, why, failed, changed }: RejectedRound): readonly string[] {
  const more = failed.length > MOST_FAILURES ? [`and ${failed.length - MOST_FAILURES} more`] : [];
  return [
    commit === null ? 'none' : commit.slice(0, 12),
    escapeText(why),
    [...failed.slice(0, MOST_FAILURES).map(escapeText), ...more].join('<br>') || '—',
    escapeText(changed) || 'nothing',
  ];
}

function tried(profile: string, { turns, handOvers, compactions, workedMs }: JobProgress): string {
  const times = [
    `${turns} prompts`,
    `${handOvers} replaced sessions`,
    `${compactions} compactions`,
    `${Math.round(workedMs / 60_000)} minutes`,
  ];
  return `Tried by the agent profile \`${profile}\` since its last fresh start: ${times.join(', ')}.`;
}
