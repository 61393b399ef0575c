import { clipLine } from '../clip-line.js';

/** What of a tool's arguments says best what the call does, the first one that there is. */
const TELLING = ['command', 'file_path', 'pattern', 'path'];

/** One line for people on what a call of Claude Code's tools does. Files of the workspace are named from there. */
export function summarizeCall(input: Readonly<Record<string, unknown>>, workspace: string): string {
  const telling = TELLING.map((key) => input[key]).find((value) => typeof value === 'string');
  return clipLine(String(telling ?? '').replace(`${workspace}/`, ''));
}
