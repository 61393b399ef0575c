/** What a `session/update` says, as far as the coordinator listens. */
export type AcpUpdate =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'tool';
      readonly id: string;
      /** Null where this update does not say it. */
      readonly name: string | null;
      readonly title: string | null;
      /** What it is used on, where its input says so: a command, a path. */
      readonly subject: string | null;
      readonly status: ToolStatus | null;
    }
  | { readonly kind: 'usage'; readonly usedTokens: number | null; readonly windowTokens: number | null }
  | {
      readonly kind: 'compaction';
      readonly status: 'in_progress' | 'completed' | 'failed' | 'cancelled';
      readonly error: string | null;
    }
  | { readonly kind: 'commands'; readonly names: readonly string[] }
  /** A thought, a plan, a notice, or what a later version of the protocol may bring. */
  | { readonly kind: 'other' };

const TOOL_STATUSES = ['pending', 'in_progress', 'completed', 'failed'] as const;
export type ToolStatus = (typeof TOOL_STATUSES)[number];
const COMPACTION_STATUSES = ['in_progress', 'completed', 'failed', 'cancelled'] as const;

const LONGEST_ID = 200;
const LONGEST_NAME = 60;
const LONGEST_TITLE = 200;
const MOST_COMMANDS = 500;

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the `update` of a notification. What does not hold the fields it should is *other*: a sign of life that says
 * nothing, whatever an agent sends.
 */
export function readUpdate(update: unknown): AcpUpdate {
  if (!isFields(update)) return { kind: 'other' };
  switch (update['sessionUpdate']) {
    case 'agent_message_chunk':
      return readText(update['content']);
    case 'tool_call':
    case 'tool_call_update':
      return readTool(update);
    case 'usage_update':
      return { kind: 'usage', usedTokens: countOf(update['used']), windowTokens: countOf(update['size']) };
    case 'compaction_update':
      return readCompaction(update);
    case 'available_commands_update':
      return readCommands(update['availableCommands']);
    default:
      return { kind: 'other' };
  }
}

function readText(content: unknown): AcpUpdate {
  if (!isFields(content) || typeof content['text'] !== 'string') return { kind: 'other' };
  return { kind: 'text', text: content['text'] };
}

function readTool(update: Fields): AcpUpdate {
  const id = update['toolCallId'];
  if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID) return { kind: 'other' };
  return {
    kind: 'tool',
    id,
    name: wordsOf(update['name'], LONGEST_NAME) ?? wordsOf(update['kind'], LONGEST_NAME),
    title: wordsOf(update['title'], LONGEST_TITLE),
    subject: readSubject(update['rawInput']),
    status: TOOL_STATUSES.find((status) => status === update['status']) ?? null,
  };
}

/** Each agent names the input of its tools in its own way. */
const SUBJECTS = ['command', 'cmd', 'file_path', 'filePath', 'path', 'pattern', 'query', 'url'];

function readSubject(input: unknown): string | null {
  if (!isFields(input)) return null;
  const key = SUBJECTS.find((name) => Object.hasOwn(input, name));
  const subject = key === undefined ? null : input[key];
  return wordsOf(Array.isArray(subject) ? subject.join(' ') : subject, LONGEST_TITLE);
}

function readCompaction(update: Fields): AcpUpdate {
  const status = COMPACTION_STATUSES.find((known) => known === update['status']);
  if (status === undefined) return { kind: 'other' };
  return { kind: 'compaction', status, error: wordsOf(update['error'], LONGEST_TITLE) };
}

function readCommands(commands: unknown): AcpUpdate {
  if (!Array.isArray(commands)) return { kind: 'other' };
  const names = commands
    .slice(0, MOST_COMMANDS)
    .flatMap((command: unknown) => (isFields(command) ? (wordsOf(command['name'], LONGEST_NAME) ?? []) : []));
  return { kind: 'commands', names };
}

/** A count above zero: an agent that has nothing to tell, or was cancelled, says zero. */
function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

/** A text on one line, cut short; null where there is none. */
export function wordsOf(value: unknown, longest: number): string | null {
  if (typeof value !== 'string') return null;
  const line = value
    .slice(0, longest * 4)
    .replace(/\s+/g, ' ')
    .trim();
  if (line === '') return null;
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
