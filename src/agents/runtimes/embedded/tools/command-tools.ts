import type { CommandResult } from '../../../../command-runner/index.js';
import { optionalCountOf, optionalTextOf, textOf } from './tool-input.js';
import type { AgentTool, ToolOutcome } from './tool.types.js';

export const bashTool: AgentTool = {
  definition: {
    name: 'bash',
    description:
      'Runs a bash command in the workspace and returns its output and exit code. Nothing it starts outlives it, ' +
      'so do not start servers in the background. There is no terminal and no input.',
    inputSchema: {
      type: 'object',
      properties: {
        command: { type: 'string' },
        timeout_seconds: { type: 'integer', minimum: 1, description: 'For commands that take long' },
      },
      required: ['command'],
    },
  },
  isCommand: true,
  summarize: (input) => String(input['command']),
  async run(input, { runCommand, commandTimeoutMs, commandTimeoutLimitMs }) {
    const command = textOf(input, 'command');
    const seconds = optionalCountOf(input, 'timeout_seconds');
    const timeoutMs = seconds === undefined ? commandTimeoutMs : Math.min(seconds * 1000, commandTimeoutLimitMs);
    return outcomeOf(await runCommand(['bash', '-c', command], timeoutMs));
  },
};

export const grepTool: AgentTool = {
  definition: {
    name: 'grep',
    description:
      'Searches the text files under a path of the workspace for an extended regular expression. Returns lines as ' +
      'path:line:text. Leaves out .git and node_modules.',
    inputSchema: {
      type: 'object',
      properties: {
        pattern: { type: 'string' },
        path: { type: 'string', description: 'A file or directory; the workspace unless given' },
        include: { type: 'string', description: 'Only files whose name fits, such as *.ts' },
      },
      required: ['pattern'],
    },
  },
  isCommand: true,
  summarize: (input) => String(input['pattern']),
  async run(input, { files, runCommand, commandTimeoutMs }) {
    const pattern = textOf(input, 'pattern');
    const include = optionalTextOf(input, 'include');
    const path = files.relative(await files.locate(optionalTextOf(input, 'path') ?? '.'));
    const result = await runCommand(
      [
        'grep',
        '-rnIE',
        '--exclude-dir=.git',
        '--exclude-dir=node_modules',
        ...(include === undefined ? [] : [`--include=${include}`]),
        '-e',
        pattern,
        '--',
        // Without a path it searches where it is, and names files without a leading dot.
        ...(path === '.' ? [] : [path]),
      ],
      commandTimeoutMs,
    );
    // grep exits with 1 where it found nothing.
    if (result.exitCode === 1 && result.stderr.text === '') return { text: 'No line fits.', isError: false };
    return result.exitCode === 0 ? { text: result.stdout.text, isError: false } : outcomeOf(result);
  },
};

function outcomeOf(result: CommandResult): ToolOutcome {
  const { ending, exitCode, reason, stdout, stderr, leftBehind } = result;
  const parts = [
    stdout.text.trimEnd(),
    stderr.text === '' ? '' : `[stderr]\n${stderr.text.trimEnd()}`,
    leftBehind === 0 ? '' : `[${leftBehind} background processes were ended]`,
    endOf(ending, exitCode, reason),
  ];
  return { text: parts.filter((part) => part !== '').join('\n'), isError: exitCode !== 0 };
}

function endOf(ending: CommandResult['ending'], exitCode: number | null, reason: string | null): string {
  if (ending === 'exited') return `[exit code ${exitCode}]`;
  if (ending === 'aborted') return '[interrupted by the coordinator: how far the command came is unknown]';
  return `[${reason ?? ending}]`;
}
