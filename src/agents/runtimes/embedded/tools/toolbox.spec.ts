import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ProcessCommandRunner,
  type Command,
  type CommandResult,
  type CommandRunner,
} from '../../../../command-runner/index.js';
import { FakeClock } from '../../../../testing/index.js';
import type { AgentEvent } from '../../../agents.types.js';
import { DEFAULT_COMMAND_PATH, commandEnvironment } from '../../command-environment.js';
import { ConfinedFiles } from '../../confined-files.js';
import { agentConfinement } from '../../session-surroundings.js';
import { resolveEmbeddedOptions, type EmbeddedRuntimeModuleOptions } from '../embedded.options.js';
import { clipText } from './clip-text.js';
import { Toolbox } from './toolbox.js';

const directories: string[] = [];

afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true })));
});

async function start(options: EmbeddedRuntimeModuleOptions = {}, runner: CommandRunner = new ProcessCommandRunner()) {
  const workspace = await mkdtemp(join(tmpdir(), 'toolbox-'));
  directories.push(workspace);
  const events: AgentEvent[] = [];
  const settings = { path: DEFAULT_COMMAND_PATH, author: { name: 'A', email: 'a@example.org' } };
  const toolbox = new Toolbox(
    {
      workspace,
      files: await ConfinedFiles.in(workspace),
      environment: commandEnvironment(workspace, settings),
      confinement: agentConfinement({ workspace, home: join(workspace, 'home'), readable: ['/shared'] }, null),
      onEvent: (event) => void events.push(event),
    },
    resolveEmbeddedOptions(options),
    runner,
    new FakeClock(),
  );
  const use = async (name: string, input: Record<string, unknown>, signal = new AbortController().signal) => {
    const { content, is_error } = await toolbox.run({ type: 'tool_use', id: 't', name, input }, signal);
    // Node lets go of a process that ended at the end of the event loop's turn, after what is immediate.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    return { text: content, isError: is_error };
  };
  return { use, events, workspace, at: (path: string) => join(workspace, path) };
}

/** A command runner that remembers what it was asked, and answers what it is told. */
function answering(result: Partial<CommandResult>) {
  const commands: Command[] = [];
  const nothing = { text: '', totalBytes: 0, isTruncated: false };
  const run = async (command: Command): Promise<CommandResult> => {
    commands.push(command);
    const usual: CommandResult = {
      ending: 'exited',
      exitCode: 0,
      reason: null,
      stdout: nothing,
      stderr: nothing,
      durationMs: 1,
      leftBehind: 0,
    };
    return { ...usual, ...result };
  };
  return { commands, runner: { run } };
}

describe('bash', () => {
  it('shows output, errors and the exit code', async () => {
    const { use } = await start();

    expect(await use('bash', { command: 'echo out; echo err >&2; exit 4' })).toEqual({
      text: 'out\n[stderr]\nerr\n[exit code 4]',
      isError: true,
    });
    expect(await use('bash', { command: 'true' })).toEqual({ text: '[exit code 0]', isError: false });
  });

  it('runs in the workspace, in the agent environment, for a limited time', async () => {
    const { commands, runner } = answering({});
    const { use, workspace } = await start({ commandTimeoutMs: 5_000, commandTimeoutLimitMs: 60_000 }, runner);

    await use('bash', { command: 'ls' });
    await use('bash', { command: 'ls', timeout_seconds: 30 });
    await use('bash', { command: 'ls', timeout_seconds: 9_999 });

    expect(commands[0]).toMatchObject({
      argv: ['bash', '-c', 'ls'],
      cwd: workspace,
      env: { HOME: `${workspace}/user` },
      confinement: {
        writable: [workspace, `${workspace}/home/user`, `${workspace}/home/tmp`],
        readable: ['/shared'],
      },
    });
    expect(commands.map(({ timeoutMs }) => timeoutMs)).toEqual([5_000, 30_000, 60_000]);
  });

  it('says how a command ended that did not exit', async () => {
    const late = await start(
      {},
      answering({ ending: 'timed_out', exitCode: null, reason: 'Ran longer than 5 ms' }).runner,
    );
    const stopped = await start({}, answering({ ending: 'aborted', exitCode: null, reason: 'Aborted' }).runner);
    const silent = await start({}, answering({ ending: 'killed', exitCode: null, leftBehind: 2 }).runner);

    expect(await late.use('bash', { command: 'x' })).toEqual({ text: '[Ran longer than 5 ms]', isError: true });
    expect((await stopped.use('bash', { command: 'x' })).text).toContain('interrupted by the coordinator');
    expect((await silent.use('bash', { command: 'x' })).text).toBe('[2 background processes were ended]\n[killed]');
  });

  it('shows as much output as the model is to see', async () => {
    const { use } = await start({ outputBytes: 400 });

    const { text } = await use('bash', { command: 'seq 1 1000; seq 2000 3000 >&2' });

    expect(text.length).toBeLessThan(500);
    expect(text).toContain('1\n2\n');
    expect(text).toContain('[exit code 0]');
  });

  it('does not begin once the turn is interrupted', async () => {
    const { commands, runner } = answering({});
    const { use, events } = await start({}, runner);

    const result = await use('bash', { command: 'ls' }, AbortSignal.abort());

    expect(result).toMatchObject({ isError: true, text: expect.stringContaining('Not started') });
    expect(commands).toEqual([]);
    expect(events).toEqual([]);
  });

  it.each([{}, { command: 7 }, { command: 'ls', timeout_seconds: 0 }, { command: 'ls', timeout_seconds: '9' }])(
    'refuses the arguments %j',
    async (input) => {
      const { use } = await start();

      expect(await use('bash', input)).toMatchObject({ isError: true, text: expect.stringContaining('Expected') });
    },
  );

  it('is announced in one short line', async () => {
    const { use, events } = await start({}, answering({}).runner);

    await use('bash', { command: `echo\n  ${'x'.repeat(300)}` });

    expect(events[0]).toMatchObject({ type: 'tool-started', tool: 'bash', summary: `echo ${'x'.repeat(115)}…` });
    expect(events[1]).toEqual({ type: 'tool-ended', tool: 'bash', isError: false, durationMs: 0 });
  });
});

describe('grep', () => {
  it('finds lines by an extended expression, without git and dependencies', async () => {
    const { use, at } = await start();
    await mkdir(at('.git'));
    await mkdir(at('node_modules'));
    await mkdir(at('src'));
    for (const path of ['.git/a.ts', 'node_modules/a.ts', 'src/a.ts', 'src/a.js', 'b.ts']) {
      await writeFile(at(path), 'one\nsum(1, 2)\n');
    }

    const all = await use('grep', { pattern: 'sum\\([0-9]+' });
    const some = await use('grep', { pattern: 'sum', path: 'src', include: '*.ts' });

    expect(all.text.trim().split('\n').sort()).toEqual([
      'b.ts:2:sum(1, 2)',
      'src/a.js:2:sum(1, 2)',
      'src/a.ts:2:sum(1, 2)',
    ]);
    expect(some).toEqual({ text: 'src/a.ts:2:sum(1, 2)\n', isError: false });
  });

  it('tells nothing found from a mistake', async () => {
    const { use, at } = await start();
    await writeFile(at('a'), 'a');

    expect(await use('grep', { pattern: '-z' })).toEqual({ text: 'No line fits.', isError: false });
    expect(await use('grep', { pattern: '(' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('exit code 2'),
    });
  });

  it('stays in the workspace, and takes no path for an option', async () => {
    const { use, at } = await start();
    await symlink('/etc', at('link'));
    await mkdir(at('-r'));
    await writeFile(at('-r/a'), 'here');

    expect(await use('grep', { pattern: 'root', path: '/etc' })).toMatchObject({ isError: true });
    expect(await use('grep', { pattern: 'root', path: 'link/passwd' })).toMatchObject({ isError: true });
    expect(await use('grep', { pattern: 'root' })).toEqual({ text: 'No line fits.', isError: false });
    expect((await use('grep', { pattern: 'here', path: '-r' })).text).toBe('-r/a:1:here\n');
  });
});

describe('read', () => {
  it('reads a part of a file, and says what is left', async () => {
    const { use, at } = await start();
    await writeFile(at('a'), ['1', '2', '3', '4', '5'].join('\n'));

    expect(await use('read', { path: 'a' })).toEqual({ text: '1\n2\n3\n4\n5', isError: false });
    expect((await use('read', { path: 'a', from_line: 2, line_count: 2 })).text).toBe(
      '2\n3\n[2 more lines, from line 4]',
    );
    expect((await use('read', { path: 'a', from_line: 9 })).text).toBe('(no output)');
  });

  it('reads no more than so many lines at once', async () => {
    const { use, at } = await start();
    await writeFile(at('a'), Array.from({ length: 2_005 }, (_, line) => `${line + 1}`).join('\n'));

    const { text } = await use('read', { path: 'a', line_count: 9_999 });

    expect(text).toMatch(/\n2000\n\[5 more lines, from line 2001\]$/);
  });

  it('explains what cannot be read', async () => {
    const { use } = await start();

    expect(await use('read', { path: 'missing' })).toEqual({ text: 'missing does not exist', isError: true });
    expect(await use('read', { path: '../x' })).toMatchObject({ isError: true });
  });
});

describe('edit', () => {
  it('replaces the one place where a text occurs, taking it literally', async () => {
    const { use, at } = await start();
    await writeFile(at('a'), 'price: 1');

    const result = await use('edit', { path: 'a', old_text: 'price', new_text: "$& $1 $'" });

    expect(result).toEqual({ text: 'Replaced 1 of 1 places in a', isError: false });
    expect(await readFile(at('a'), 'utf8')).toBe("$& $1 $': 1");
  });

  it('replaces several places only when it is told to', async () => {
    const { use, at } = await start();
    await writeFile(at('a'), 'x x x');

    const asked = await use('edit', { path: 'a', old_text: 'x', new_text: 'y' });
    const told = await use('edit', { path: 'a', old_text: 'x', new_text: 'y', replace_all: true });

    expect(asked).toMatchObject({ isError: true, text: expect.stringContaining('occurs 3 times') });
    expect(told.isError).toBe(false);
    expect(await readFile(at('a'), 'utf8')).toBe('y y y');
  });

  it.each([
    ['z', 'does not occur'],
    ['', 'not empty'],
  ])('refuses to replace %p', async (old_text, sentence) => {
    const { use, at } = await start();
    await writeFile(at('a'), 'x');

    expect(await use('edit', { path: 'a', old_text, new_text: 'y' })).toMatchObject({
      isError: true,
      text: expect.stringContaining(sentence),
    });
  });
});

describe('list', () => {
  it('lists the workspace or a directory of it', async () => {
    const { use, at, events } = await start();
    await mkdir(at('src'));
    await writeFile(at('src/a'), '');

    expect((await use('list', {})).text).toBe('src/');
    expect((await use('list', { path: 'src' })).text).toBe('a');
    expect(events.filter((event) => event.type === 'tool-started').map((event) => event.summary)).toEqual(['.', 'src']);
  });
});

describe('clipText', () => {
  it('keeps what fits, and head and tail of what does not', () => {
    expect(clipText('short', 5)).toBe('short');
    expect(clipText('0123456789', 4)).toBe('01\n[6 bytes left out]\n89');
  });
});
