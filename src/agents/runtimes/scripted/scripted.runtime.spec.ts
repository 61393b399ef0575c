import { watch } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  contractProfile,
  describeAgentRuntime,
  type ContractTurn,
} from '../../../../test/contracts/agent-runtime.contract.js';
import { ProcessCommandRunner } from '../../../command-runner/index.js';
import { SeededRandomness } from '../../../testing/index.js';
import type { AgentEvent } from '../../agents.types.js';
import { readAgentScript } from './read-agent-script.js';
import type { AgentScript, ScriptStep } from './script.types.js';
import { ScriptedRuntime } from './scripted.runtime.js';

function stepsOf({ usedTokens, steps, isStopped }: ContractTurn): ScriptStep[] {
  return [
    { do: 'report-usage', usedTokens },
    ...steps.map((step): ScriptStep =>
      'run' in step ? { do: 'run', command: step.run } : { do: 'write', path: step.write, content: step.content },
    ),
    ...(isStopped === true ? [] : [{ do: 'stop', stop: 'end_turn' } as const]),
  ];
}

describeAgentRuntime('ScriptedRuntime', async (turns) => ({
  runtime: new ScriptedRuntime({ 'mosaic/sum#7': { steps: turns.flatMap(stepsOf) } }, new ProcessCommandRunner()),
  profile: contractProfile,
  dispose: async () => undefined,
}));

const directories: string[] = [];

afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true })));
});

async function start(script: AgentScript) {
  const directory = await mkdtemp(join(tmpdir(), 'scripted-'));
  directories.push(directory);
  const workspace = join(directory, 'workspace');
  await mkdir(workspace);
  const events: AgentEvent[] = [];
  const runtime = new ScriptedRuntime(script, new ProcessCommandRunner(), undefined, new SeededRandomness());
  const spec = {
    issue: { owner: 'mosaic', repo: 'sum', number: 7 },
    profile: contractProfile,
    workspace,
    home: join(directory, 'home'),
    instructions: '',
    onEvent: (event: AgentEvent) => void events.push(event),
  };
  return { runtime, spec, events, workspace, home: spec.home };
}

async function openOne(script: AgentScript) {
  const started = await start(script);
  return { ...started, session: await started.runtime.open(started.spec) };
}

/** Resolves when the next step is the one at `position`. */
async function hasPlayed(home: string, position: number): Promise<void> {
  const folder = join(home, 'scripted');
  const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  const watcher = watch(folder);
  await new Promise<void>((resolve) => {
    const look = async () => {
      const saved = JSON.parse(await readFile(join(folder, name), 'utf8')) as { position: number };
      if (saved.position >= position) resolve();
    };
    watcher.on('change', () => void look());
    void look();
  });
  watcher.close();
  // One more turn of the event loop, so that the step after the save has begun.
  await new Promise(setImmediate);
}

describe('ScriptedRuntime', () => {
  it('plays steps until a turn ends, and goes on with the next prompt', async () => {
    const { session, events } = await openOne({
      '*': {
        steps: [
          { do: 'say', text: 'Looking.' },
          { do: 'run', command: 'exit 3' },
          { do: 'stop', stop: 'rate_limit', detail: 'busy', retryAfterMs: 500 },
          { do: 'report-usage', usedTokens: 50, spend: { outputTokens: 4 } },
        ],
      },
    });

    const first = await session.prompt('a');
    const second = await session.prompt('b');
    const third = await session.prompt('c');

    expect(first).toEqual({ stop: 'rate_limit', text: 'Looking.', detail: 'busy', retryAfterMs: 500 });
    expect(second).toEqual({ stop: 'end_turn', text: '', detail: null, retryAfterMs: null });
    expect(third.stop).toBe('end_turn');
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool-ended', tool: 'bash', isError: true }));
    expect(events).toContainEqual({
      type: 'spend',
      spend: { inputTokens: 0, outputTokens: 4, cacheReadTokens: 0, cacheWriteTokens: 0 },
    });
  });

  it('waits to be interrupted where the script says so', async () => {
    const { session, events, home } = await openOne({
      'Mosaic/SUM#7': { steps: [{ do: 'wait-for-interrupt' }, { do: 'say', text: 'Ah.' }] },
      '*': { steps: [{ do: 'say', text: 'Not this one.' }] },
    });
    const turn = session.prompt('a');
    await hasPlayed(home, 1);

    session.interrupt();

    expect(await turn).toMatchObject({ stop: 'interrupted', text: '' });
    expect(events).toEqual([]);
  });

  it('does not wait where it is interrupted already', async () => {
    const { runtime, spec } = await start({
      '*': { steps: [{ do: 'report-usage', usedTokens: 1 }, { do: 'wait-for-interrupt' }] },
    });
    // Told while the step is still being saved.
    const session = await runtime.open({ ...spec, onEvent: () => setImmediate(() => session.interrupt()) });

    expect(await session.prompt('a')).toMatchObject({ stop: 'interrupted' });
  });

  it('lets a new session go on where the last one stopped', async () => {
    const { session, runtime, spec, workspace } = await openOne({
      '*': {
        steps: [
          { do: 'report-usage', usedTokens: 9_700 },
          { do: 'stop', stop: 'context_exhausted' },
          { do: 'write', path: 'b.txt', content: 'b' },
        ],
      },
    });
    await session.prompt('a');

    const fresh = await runtime.open(spec);
    const usedBefore = fresh.contextUsage().usedTokens;
    await fresh.prompt('hand-off');

    expect(usedBefore).toBeNull();
    expect(await readFile(join(workspace, 'b.txt'), 'utf8')).toBe('b');
  });

  it.each([
    [undefined, { succeeded: true, usedTokensAfter: 800, detail: null }],
    [1_234, { succeeded: true, usedTokensAfter: 1_234, detail: null }],
    [null, { succeeded: true, usedTokensAfter: null, detail: null }],
    ['fails' as const, { succeeded: false, usedTokensAfter: null, detail: 'The script says so' }],
  ])('compacts as the script says: %s', async (afterCompaction, result) => {
    const steps: ScriptStep[] = [{ do: 'report-usage', usedTokens: 8_000 }];
    const { session } = await openOne({
      '*': afterCompaction === undefined ? { steps } : { steps, afterCompaction },
    });
    await session.prompt('a');

    const compacted = await session.compact('keep');

    expect(compacted).toEqual(result);
    expect(session.contextUsage().usedTokens).toBe(result.succeeded ? result.usedTokensAfter : 8_000);
  });

  it('does not make a number out of an occupancy it does not know', async () => {
    const { session } = await openOne({ '*': { steps: [] } });

    expect(await session.compact('keep')).toMatchObject({ succeeded: true, usedTokensAfter: null });
  });

  it('tells of a file it may not write and goes on', async () => {
    const { session, events } = await openOne({
      '*': {
        steps: [
          { do: 'write', path: '../out.txt', content: '' },
          { do: 'say', text: 'Went on.' },
        ],
      },
    });

    const result = await session.prompt('a');

    expect(result).toMatchObject({ stop: 'end_turn', text: 'Went on.' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool-ended', tool: 'write', isError: true }));
  });

  it('reports that it cannot save, as a failed turn', async () => {
    const { session, home } = await openOne({ '*': { steps: [{ do: 'say', text: 'x' }] } });
    await rm(join(home, 'scripted'), { recursive: true });
    await writeFile(join(home, 'scripted'), 'a file where a directory belongs');

    const result = await session.prompt('a');

    expect(result).toMatchObject({ stop: 'error', detail: expect.stringContaining('The script failed') });
  });

  it('passes on a failure of a command runner that breaks its promise', async () => {
    const { spec } = await start({});
    const runner = { run: () => Promise.reject(new Error('broken runner')) };
    const runtime = new ScriptedRuntime({ '*': { steps: [{ do: 'run', command: 'true' }] } }, runner);
    const session = await runtime.open(spec);

    expect(await session.prompt('a')).toMatchObject({ stop: 'error', detail: 'The script failed: broken runner' });
  });

  it.each(['{', '7', '{"position":"x","sessions":{}}', '{"position":1,"sessions":null}', '{}'])(
    'plays from the beginning where what was saved cannot be read: %s',
    async (saved) => {
      const { session, runtime, spec, home } = await openOne({ '*': { steps: [{ do: 'say', text: 'Again.' }] } });
      await session.prompt('a');
      const [name = ''] = await readdir(join(home, 'scripted'));
      await writeFile(join(home, 'scripted', name), saved);

      const result = await (await runtime.open(spec)).prompt('b');

      expect(result.text).toBe('Again.');
    },
  );

  it('has nothing for an issue that the script does not name', async () => {
    const { runtime, spec } = await start({ 'other/repo#1': { steps: [] } });

    await expect(runtime.open(spec)).rejects.toMatchObject({ code: 'AGENTS_SPAWN_FAILED' });
  });
});

describe('readAgentScript', () => {
  it('takes every kind of step', () => {
    const script = {
      'mosaic/sum#7': {
        afterCompaction: 'fails',
        steps: [
          { do: 'say', text: 'a' },
          { do: 'write', path: 'a', content: '' },
          { do: 'run', command: 'true' },
          { do: 'report-usage', usedTokens: null },
          { do: 'report-usage', usedTokens: 0, spend: { inputTokens: 1 } },
          { do: 'wait-for-interrupt' },
          { do: 'stop', stop: 'refusal' },
          { do: 'stop', stop: 'rate_limit', detail: 'd', retryAfterMs: 1 },
        ],
      },
      '*': { steps: [], afterCompaction: null },
      'mosaic/sum#8': { steps: [], afterCompaction: 5 },
    };

    expect(readAgentScript(script)).toEqual(script);
  });

  it.each<[string, unknown, string]>([
    ['no object', [], 'the script to be an object'],
    ['no issue as a key', { seven: { steps: [] } }, 'owner/repository#1'],
    ['no object for an issue', { '*': null }, '* to be an object'],
    ['an unknown field', { '*': { steps: [], stpes: [] } }, '*.stpes is not known'],
    ['no steps', { '*': {} }, '*.steps to be a list'],
    ['a wrong compaction', { '*': { steps: [], afterCompaction: -1 } }, '*.afterCompaction to be a whole number'],
    ['a text as a step', { '*': { steps: ['say'] } }, '*.steps[0] to be an object'],
    ['an unknown step', { '*': { steps: [{ do: 'dance' }] } }, '*.steps[0].do to be one of say, write'],
    ['a name every object has', { '*': { steps: [{ do: 'toString' }] } }, '*.steps[0].do to be one of'],
    [
      'a field of another step',
      { '*': { steps: [{ do: 'say', text: '', path: '' }] } },
      '*.steps[0].path is not known',
    ],
    ['a missing text', { '*': { steps: [{ do: 'say' }] } }, '*.steps[0].text to be a text'],
    ['a wrong count', { '*': { steps: [{ do: 'report-usage', usedTokens: 1.5 }] } }, '*.steps[0].usedTokens to be'],
    [
      'an unknown count',
      { '*': { steps: [{ do: 'report-usage', usedTokens: 1, spend: { x: 1 } }] } },
      'spend.x is not',
    ],
    [
      'a wrong spend',
      { '*': { steps: [{ do: 'report-usage', usedTokens: 1, spend: { inputTokens: '1' } }] } },
      'spend.inputTokens',
    ],
    ['a wrong stop', { '*': { steps: [{ do: 'stop', stop: 'tired' }] } }, '*.steps[0].stop to be one of end_turn'],
    [
      'a wrong detail',
      { '*': { steps: [{ do: 'stop', stop: 'error', detail: 1 }] } },
      '*.steps[0].detail to be a text',
    ],
    ['a wrong wait', { '*': { steps: [{ do: 'stop', stop: 'rate_limit', retryAfterMs: -1 }] } }, 'retryAfterMs to be'],
  ])('refuses %s', (_title, script, sentence) => {
    expect(() => readAgentScript(script)).toThrow(
      expect.objectContaining({ code: 'AGENTS_SCRIPT_INVALID', message: expect.stringContaining(sentence) }),
    );
  });
});
