import { ToolRefusedError } from '../../runtime.errors.js';
import { optionalCountOf, optionalTextOf, textOf } from './tool-input.js';
import type { AgentTool } from './tool.types.js';

const PATH = { type: 'string', description: 'Relative to the workspace' };
const LINES_AT_ONCE = 2000;

export const readTool: AgentTool = {
  definition: {
    name: 'read',
    description: `Reads a text file of the workspace, up to ${LINES_AT_ONCE} lines at once. Lines come without numbers.`,
    inputSchema: {
      type: 'object',
      properties: {
        path: PATH,
        from_line: { type: 'integer', minimum: 1 },
        line_count: { type: 'integer', minimum: 1 },
      },
      required: ['path'],
    },
  },
  isCommand: false,
  summarize: (input) => String(input['path']),
  async run(input, { files }) {
    const from = optionalCountOf(input, 'from_line') ?? 1;
    const count = Math.min(optionalCountOf(input, 'line_count') ?? LINES_AT_ONCE, LINES_AT_ONCE);
    const lines = (await files.read(textOf(input, 'path'))).split('\n');
    const shown = lines.slice(from - 1, from - 1 + count);
    const left = lines.length - (from - 1) - shown.length;
    const rest = left > 0 ? `\n[${left} more lines, from line ${from + shown.length}]` : '';
    return { text: shown.join('\n') + rest, isError: false };
  },
};

export const writeTool: AgentTool = {
  definition: {
    name: 'write',
    description: 'Writes a whole text file of the workspace, with the directories it needs. Replaces what was there.',
    inputSchema: {
      type: 'object',
      properties: { path: PATH, content: { type: 'string' } },
      required: ['path', 'content'],
    },
  },
  isCommand: false,
  summarize: (input) => String(input['path']),
  async run(input, { files }) {
    const path = textOf(input, 'path');
    const content = textOf(input, 'content');
    await files.write(path, content);
    return { text: `Wrote ${Buffer.byteLength(content)} bytes to ${path}`, isError: false };
  },
};

export const editTool: AgentTool = {
  definition: {
    name: 'edit',
    description:
      'Replaces a text in a file of the workspace. The old text must occur exactly once, unless replace_all is true.',
    inputSchema: {
      type: 'object',
      properties: {
        path: PATH,
        old_text: { type: 'string' },
        new_text: { type: 'string' },
        replace_all: { type: 'boolean' },
      },
      required: ['path', 'old_text', 'new_text'],
    },
  },
  isCommand: false,
  summarize: (input) => String(input['path']),
  async run(input, { files }) {
    const path = textOf(input, 'path');
    const oldText = textOf(input, 'old_text');
    const newText = textOf(input, 'new_text');
    if (oldText === '') throw new ToolRefusedError('Expected old_text to be a text that is not empty');
    const pieces = (await files.read(path)).split(oldText);
    const found = pieces.length - 1;
    if (found === 0) throw new ToolRefusedError(`old_text does not occur in ${path}`);
    if (found > 1 && input['replace_all'] !== true) {
      throw new ToolRefusedError(`old_text occurs ${found} times in ${path}. Take more lines, or set replace_all.`);
    }
    await files.write(path, pieces.join(newText));
    return { text: `Replaced ${found} of ${found} places in ${path}`, isError: false };
  },
};

export const listTool: AgentTool = {
  definition: {
    name: 'list',
    description: 'Lists a directory of the workspace. Names of directories end with a slash.',
    inputSchema: { type: 'object', properties: { path: PATH }, required: [] },
  },
  isCommand: false,
  summarize: ({ path }) => (typeof path === 'string' ? path : '.'),
  async run(input, { files }) {
    const names = await files.list(optionalTextOf(input, 'path') ?? '.');
    return { text: names.join('\n'), isError: false };
  },
};
