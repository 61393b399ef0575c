import { structuralLines, visibleText } from '../../parser/index.js';

/** The commands that need nothing more said. */
const PLAIN_COMMANDS = ['status', 'why', 'retry', 'cancel', 'pause', 'resume'] as const;
type PlainCommand = (typeof PLAIN_COMMANDS)[number];

/** What a person ordered in a comment. *unknown*: it is addressed to the coordinator, and no command. */
export type Command =
  | { readonly kind: PlainCommand }
  | { readonly kind: 'agent'; readonly profile: string }
  | { readonly kind: 'priority'; readonly priority: number }
  | { readonly kind: 'unknown'; readonly said: string };

/** Every command, as it is written and what it does: what an unknown one is answered with. */
export const COMMANDS: readonly (readonly [written: string, meaning: string])[] = [
  ['/mosaic status', 'shows where the work is'],
  ['/mosaic why', 'says in one sentence what it waits for'],
  ['/mosaic retry', 'goes on with fresh rounds'],
  ['/mosaic cancel', 'ends the work; a new assignment or `/mosaic retry` begins it again'],
  ['/mosaic pause', 'stops the agent and keeps the work'],
  ['/mosaic resume', 'goes on after a pause'],
  ['/mosaic agent <profile>', 'has this agent profile do it'],
  ['/mosaic priority <n>', 'sets its priority, from 0 to 1000, in place of that of the labels'],
];

/** More than these in one comment are no orders but a list: nobody carries the others out. */
export const MOST_COMMANDS = 5;
const HIGHEST_PRIORITY = 1_000;
const COMMAND_LINE = /^ {0,3}\/mosaic(?:[ \t]+(.*))?$/i;

/**
 * The commands of a comment, in their order: lines that begin with `/mosaic`, but for those in quotes, in code, and
 * where a person would not see them.
 */
export function readCommands(text: string): readonly Command[] {
  return structuralLines(visibleText(text)).flatMap((line) => {
    const match = COMMAND_LINE.exec(line);
    return match === null ? [] : [toCommand(match[1] ?? '')];
  });
}

/** What a comment says besides its commands. */
export function withoutCommands(text: string): string {
  return visibleText(text)
    .split('\n')
    .filter((line) => !COMMAND_LINE.test(line))
    .join('\n')
    .trim();
}

function toCommand(said: string): Command {
  const words = said
    .trim()
    .replace(/[.!]$/, '')
    .split(/\s+/)
    .filter((word) => word !== '');
  const [name = '', argument, ...rest] = words;
  const kind = name.toLowerCase();
  const plain = PLAIN_COMMANDS.find((known) => known === kind);
  if (plain !== undefined && argument === undefined) return { kind: plain };
  if (rest.length === 0 && argument !== undefined) {
    if (kind === 'agent') return { kind, profile: argument };
    if (kind === 'priority' && isPriority(argument)) return { kind, priority: Number(argument) };
  }
  return { kind: 'unknown', said: words.join(' ') };
}

function isPriority(text: string): boolean {
  return /^\d{1,4}$/.test(text) && Number(text) <= HIGHEST_PRIORITY;
}
