import type { Paint } from './paint.js';

/** A line of the service's log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

interface SeenGate {
  readonly gate: string;
  readonly passed: boolean;
  readonly summary: string;
}

/**
 * Says in the words of a newcomer what a line of the service's log means, or null for what is not worth telling. The
 * demonstration has no other source: whoever runs the service reads the same.
 */
export function narrate(line: LogLine, paint: Paint): string | null {
  const sentence = sentenceFor(line, paint);
  if (sentence === null) return null;
  const issue = textOf(line['issue']).split('#')[1];
  const label = issue === undefined ? '        ' : paint.name(`issue #${issue}`);
  return `  ${label}  ${sentence}`;
}

function sentenceFor(line: LogLine, paint: Paint): string | null {
  const field = (name: string): string => textOf(line[name]);
  const count = (name: string): string => Number(line[name]).toLocaleString('en-US');
  switch (line.message) {
    case 'Sandbox checked':
      return line['isConfining'] === true
        ? `agents and gates are confined by bubblewrap ${field('version')}`
        : paint.bad(`the scripted agent runs unsandboxed. ${field('warning')}`);
    case 'Issue parsed':
      return (
        `parsed ${line['source'] === 'structure' ? 'from its text' : 'by a model'}: ${field('difficulty')}, about ` +
        `${count('estimatedTokens')} tokens of context, so the agent is ${paint.bold(field('profile'))}`
      );
    case 'Job moved':
      return movedSentence(line, paint);
    case 'Run started':
      return line['isContinuation'] === true
        ? 'the agent takes its session up where it was cut off'
        : `agent ${paint.bold(field('profile'))} starts in a clone of its own, on branch ${field('branch')}`;
    case 'Agent acted':
      return paint.dim(`agent: ${field('tool')} ${firstLine(field('summary'))}`);
    case 'Context window filled':
      return `${paint.bold('context window: ')}${field('reason')}. The agent is stopped at its next step`;
    case 'Session compacted':
      return `session compacted: ${count('usedTokensBefore')} tokens before, ${count('usedTokensAfter')} after. The agent goes on`;
    case 'Session replaced':
      return `a fresh session takes over: ${field('reason')}`;
    case 'Gates started':
      return `the agent says it is done. The gates run, on a clean checkout of ${field('commit').slice(0, 10)}`;
    case 'Gates decided':
      return gatesSentence(line, paint);
    case 'Agent sent back':
      return `sent back with the evidence, in the same session (${field('rejections')} of at most ${field('limit')} rejections)`;
    case 'Work published':
      return paint.good(`pull request opened: ${field('pullRequest')}`);
    case 'Run ended':
      return line['phase'] === null ? null : paint.bad(`the run ended: ${field('reason')}`);
    case 'Tick failed':
    case 'Issue not reconciled':
      return paint.bad(`${line.message}: ${field('reason')}`);
    default:
      return null;
  }
}

function movedSentence(line: LogLine, paint: Paint): string | null {
  switch (line['to']) {
    case 'pending':
      return `${paint.bold('blocked')}: waits until what blocks it is finished`;
    case 'available':
      return line['from'] === 'pending' ? `${paint.bold('released')}: nothing blocks it any more` : null;
    case 'running':
      return 'claimed';
    case 'completed':
      return paint.good('done: merged, and its issue is closed');
    case 'needs_attention':
    case 'retryable':
      return paint.bad(textOf(line['reason']));
    default:
      return null;
  }
}

function gatesSentence(line: LogLine, paint: Paint): string {
  const gates = (line['gates'] as readonly SeenGate[]).map(({ gate, passed, summary }) =>
    passed ? paint.good(`${gate} passed`) : paint.bad(`${gate} failed (${firstLine(summary)})`),
  );
  return `${line['passed'] === true ? 'gates passed' : paint.bold('gates rejected it')}: ${gates.join(', ')}`;
}

function textOf(field: unknown): string {
  return typeof field === 'string' || typeof field === 'number' ? String(field) : '';
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
