import { formatUsd, toMicroUsd, type SpendView } from '../../budgets/index.js';
import { formatIssueRef } from '../../kernel/index.js';
import { hiddenSentence, seenIssue } from '../../parser/index.js';
import type { GateResult } from '../../quality-gates/index.js';
import type { Job } from '../../queue/index.js';
import type { JobDetails } from '../job-details.js';
import type { Draft, JobProgress } from '../ports/run-store.port.js';

/** What the status comment of an issue shows. */
export interface StatusView {
  readonly job: Job;
  readonly details: JobDetails;
  readonly progress: JobProgress;
  /** What it cost so far; null where nobody reckons that. */
  readonly cost: SpendView | null;
  /** Whether its agent and gates are known to run in a sandbox. */
  readonly isConfined: boolean;
  /** One sentence on what the job waits for. */
  readonly why: string;
  /** When its state or its verdict last changed, in milliseconds since 1970. */
  readonly changedAt: number;
  /** Login of the person whose act that was; null where it was nobody's. */
  readonly changedBy: string | null;
  /** How often the gates may reject it; its repository may allow less. */
  readonly maxRejections: number;
  /** Scope of the labels that mirror its state. */
  readonly labelScope: string;
}

const STATE_SENTENCES: Readonly<Record<Job['state'], string>> = {
  pending: 'Waiting for other issues',
  available: 'Ready, waiting for its turn',
  running: 'An agent is working on it',
  retryable: 'Waiting before another try',
  in_review: 'Ready for review',
  completed: 'Done',
  needs_attention: 'A person is needed',
  cancelled: 'Cancelled',
};

const UNCONFINED: [string, string] = ['Sandbox', 'none: see the operator'];

function draftRow({ branch }: Draft): [string, string] {
  return ['Work so far', `\`${branch}\`, which no gate has passed`];
}

/** The label that mirrors a state: `mosaic/in-review` in the scope `mosaic`. */
export function stateLabel(scope: string, state: Job['state']): string {
  return `${scope}/${state.replaceAll('_', '-')}`;
}

/**
 * The text of the one comment that is edited in place. It holds nothing that changes by itself, such as an age, so
 * that writing it twice changes nothing.
 */
export function statusComment(view: StatusView): string {
  const ref = formatIssueRef(view.job.issue);
  return `${statusText(view)}\n\nMosaic Coordinator keeps this comment up to date for ${ref}.`;
}

/** The same as an answer, which nobody keeps up to date. */
export function statusText(view: StatusView): string {
  const { job, details, progress, cost, isConfined, why } = view;
  const rows: [string, string][] = [
    ['Agent', job.profile === '' ? 'none' : job.profile],
    ['Estimate', `${thousands(details.metadata.estimatedTokens)} tokens, ${details.metadata.difficulty}`],
    ['Context window', occupancy(progress)],
    ['Gates', gates(progress)],
    ['Rounds', rounds(view)],
    ['Spent', spentSentence(progress, cost)],
    ['Branch', progress.branch === null ? 'none yet' : `\`${progress.branch}\``],
    ...(progress.draft === null ? [] : [draftRow(progress.draft)]),
    ...(isConfined ? [] : [UNCONFINED]),
    ['Pull request', pullRequest(progress)],
    ['Last change', lastChange(view)],
  ];
  return [
    `**${STATE_SENTENCES[job.state]}.** ${escapeText(why)}`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    ...hiddenNote(view),
  ].join('\n');
}

function hiddenNote({ job: { title }, details: { body } }: StatusView): readonly string[] {
  const sentence = hiddenSentence(seenIssue({ title, body }).hidden);
  return sentence === null ? [] : ['', sentence];
}

function occupancy({ usedTokens, usableTokens }: JobProgress): string {
  if (usedTokens === null || usableTokens === null) return 'unknown';
  return `${Math.round((usedTokens / usableTokens) * 100)} % of ${thousands(usableTokens)} usable tokens`;
}

function rounds({ progress: { rejections, reviewRounds }, maxRejections }: StatusView): string {
  const rejected = `${rejections} rejected, of at most ${maxRejections}`;
  return reviewRounds === 0 ? rejected : `${rejected}; ${reviewRounds} for reviews`;
}

function lastChange({ changedAt, changedBy }: StatusView): string {
  const at = `${new Date(changedAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return changedBy === null ? at : `${at}, by ${escapeText(changedBy)}`;
}

function pullRequest({ pullRequest: link, review }: JobProgress): string {
  if (link === null) return 'none yet';
  const approvers = review?.approvedBy ?? [];
  return approvers.length === 0
    ? `#${link.number}`
    : `#${link.number}, approved by ${escapeText(approvers.join(', '))}`;
}

function gates({ verdict }: JobProgress): string {
  if (verdict === null) return 'not run yet';
  return verdict.results.map((result) => `${sign(result)} ${result.gate}`).join(' ') || escapeText(verdict.summary);
}

function sign({ passed, isAdvisory }: GateResult): string {
  if (passed) return '✅';
  return isAdvisory === true ? '⚠️' : '❌';
}

/** What was spent, in tokens and money. */
export function spentSentence({ spend }: JobProgress, cost: SpendView | null): string {
  const read = spend.inputTokens + spend.cacheReadTokens + spend.cacheWriteTokens;
  const tokens = `${thousands(read)} tokens read, ${thousands(spend.outputTokens)} written`;
  // What was spent before anybody reckoned its price has no price either.
  const isWhole = cost !== null && cost.usd !== null && cost.tokens >= read + spend.outputTokens;
  return `${tokens}: ${money(cost?.usdAtLeast ?? 0, isWhole)}`;
}

function money(usd: number, isWhole: boolean): string {
  const amount = formatUsd(toMicroUsd(usd));
  if (isWhole) return amount;
  return usd > 0 ? `at least ${amount}, the price of a part is unknown` : 'unknown price';
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}

/** Text of gates and issues ends up in a table cell: it may neither end the cell nor mention people. */
export function escapeText(text: string): string {
  return text
    .replace(/[|\\`*_<>[\]]/g, (character) => `\\${character}`)
    .replace(/@/g, '@\u200b')
    .replace(/\s+/g, ' ')
    .slice(0, 500);
}
