import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { makeTemporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import { ProcessCommandRunner } from '../command-runner/index.js';
import { checkDataFolder, checkGit, checkModelKey, checkSandbox } from './check-machine.js';
import { findingLine } from './finding.js';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = makeTemporaryFolder();
});
afterEach(() => folder.remove());

describe('checkGit', () => {
  /** A program called git that does this, found before any other. */
  const withGit = async (script: string): Promise<string> => {
    writeFileSync(join(folder.path, 'git'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder.path, 'git'), 0o755);
    return findingLine(await checkGit(new ProcessCommandRunner(), `${folder.path}:/usr/bin:/bin`));
  };

  it.each([
    ['git version 2.31.0', '✓ git version 2.31.0'],
    ['git version 3.0.1', '✓ git version 3.0.1'],
    ['git version 2.50.1 (Apple Git-155)', '✓ git version 2.50.1 (Apple Git-155)'],
    ['git version 2.30.2', '✗ git version 2.30.2 is too old. Install git 2.31 or later'],
    ['git version 1.99.0', '✗ git version 1.99.0 is too old. Install git 2.31 or later'],
  ])('judges %s', async (says, expected) => {
    expect(await withGit(`echo '${says}'`)).toBe(expected);
  });

  it('says that it does not run, or is not there', async () => {
    expect(await withGit('exit 3')).toBe('✗ git does not run: exit code 3. Install git 2.31 or later');
    expect(findingLine(await checkGit(new ProcessCommandRunner(), '/nowhere'))).toMatch(/^✗ git does not run: /);
  });
});

describe('checkSandbox', () => {
  it('says whether programs can be confined', async () => {
    const look = (isConfining: boolean, version: string | null, warning: string | null, isOptional = false) =>
      checkSandbox(() => Promise.resolve({ isConfining, version, warning }), isOptional);

    const lines = [
      await look(true, '0.8.0', null),
      await look(true, null, null),
      await look(false, null, 'Install it.'),
      await look(false, null, null),
      await look(false, null, 'Install it.', true),
      await checkSandbox(() => Promise.reject(new Error('odd')), false),
    ].map(findingLine);

    expect(lines).toEqual([
      '✓ The sandbox works, with bubblewrap 0.8.0',
      '✓ The sandbox works, with bubblewrap of an unknown version',
      '✗ Agents and gates cannot be confined. Install it.',
      '✗ Agents and gates cannot be confined. Install bubblewrap',
      '· Agents and gates run unconfined, as ALLOW_UNSANDBOXED_AGENT allows. Install it.',
      '✗ The sandbox cannot be tried: odd. Install bubblewrap',
    ]);
  });
});

describe('checkDataFolder', () => {
  it('looks at the folder, or at what it will be made in', async () => {
    const there = (await checkDataFolder(folder.path)).map(findingLine);
    const missing = (await checkDataFolder(join(folder.path, 'a', 'b'))).map(findingLine);

    expect(there[0]).toBe(`✓ The data folder ${folder.path} can be written`);
    expect(missing[0]).toBe(`✓ The data folder ${join(folder.path, 'a', 'b')} can be made`);
    expect([there[1], missing[1]]).toEqual(
      Array(2).fill(expect.stringMatching(/GiB are free for data and workspaces/)),
    );
  });

  it('says where nothing can be written', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');

    const lines = (await checkDataFolder(join(file, 'data'))).map(findingLine);

    expect(lines).toEqual([
      `✗ The data folder ${file}/data cannot be written. Give the user of the service the right to ${file}`,
    ]);
  });
});

describe('checkModelKey', () => {
  it.each([
    ['sk-ant-0c41dd1f3a7755aa', null, '✓ ANTHROPIC_API_KEY has the shape of a key of Anthropic'],
    ['anything', 'http://models.internal:8081', '✓ ANTHROPIC_API_KEY is set, for models.internal:8081'],
    ['sk-proj-abc', null, /^✗ ANTHROPIC_API_KEY does not begin with sk-ant-/],
    ['sk-ant-ä', null, /^✗ ANTHROPIC_API_KEY does not begin/],
    ['"sk-ant-0c41dd1f3a7755aa"', null, /^✗ ANTHROPIC_API_KEY holds spaces or quotation marks/],
    ['sk-ant-0c41 dd1f3a7755aa', 'http://models.internal', /^✗ ANTHROPIC_API_KEY holds spaces/],
  ])('judges %j for %s, and never shows it', (key, baseUrl, expected) => {
    const line = findingLine(checkModelKey(key, baseUrl));

    expect(line).toMatch(expected);
    expect(line).not.toContain(key);
  });
});
