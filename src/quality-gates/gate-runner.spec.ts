import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command, CommandResult } from '../command-runner/index.js';
import { GateRunner } from './gate-runner.js';
import { resolveQualityGatesOptions } from './quality-gates.options.js';
import type { GateDefinition } from './quality-gates.types.js';

const DEFINITION: GateDefinition = {
  kind: 'build',
  argv: ['x'],
  timeoutMs: 1,
  report: null,
  threshold: null,
  origin: '',
};
const SUBJECT = { commit: 'e'.repeat(40), checkout: tmpdir(), readBaseFile: () => Promise.resolve(null) };
const NOTHING = { text: '', totalBytes: 0, isTruncated: false };
const DONE: CommandResult = {
  ending: 'exited',
  exitCode: 0,
  reason: null,
  stdout: NOTHING,
  stderr: NOTHING,
  durationMs: 0,
  leftBehind: 0,
};

describe('GateRunner', () => {
  it('keeps its verdict and warns when the folder of the gates is gone already', async () => {
    const warnings: string[] = [];
    const removing = async ({ env }: Command): Promise<CommandResult> => {
      await rm(dirname(env['HOME'] ?? ''), { recursive: true });
      return DONE;
    };
    const runner = new GateRunner({ run: removing }, resolveQualityGatesOptions({}), (warning) =>
      warnings.push(warning),
    );

    expect(await runner.run([DEFINITION], SUBJECT)).toMatchObject([{ passed: true }]);
    expect(warnings).toEqual([
      expect.stringMatching(/^The folder .+mosaic-gates-.+ of finished gates could not be removed/),
    ]);
  });

  it('fails every gate when there is no checkout', async () => {
    const runner = new GateRunner(
      { run: () => Promise.resolve(DONE) },
      resolveQualityGatesOptions({}),
      () => undefined,
    );

    expect(await runner.run([DEFINITION], { ...SUBJECT, checkout: '/nowhere' })).toMatchObject([
      { passed: false, fault: 'coordinator', summary: expect.stringContaining('ENOENT') },
    ]);
  });

  it('fails every gate when no folder can be made for them', async () => {
    const makeFolder = () => Promise.reject(new Error('no space left'));
    const runner = new GateRunner(
      { run: () => Promise.resolve(DONE) },
      resolveQualityGatesOptions({}),
      () => undefined,
      makeFolder,
    );

    expect(await runner.run([DEFINITION, DEFINITION], SUBJECT)).toMatchObject([
      {
        passed: false,
        fault: 'coordinator',
        summary: 'The coordinator could not make the checkout and a home ready: no space left',
      },
      { passed: false, fault: 'coordinator' },
    ]);
  });
});
