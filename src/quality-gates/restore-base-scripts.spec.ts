import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { restoreBaseScripts } from './restore-base-scripts.js';

describe('restoreBaseScripts', () => {
  let checkout: string;
  const base = (text: string | null) => (): Promise<string | null> => Promise.resolve(text);
  const current = (): Promise<string> => readFile(join(checkout, 'package.json'), 'utf8');

  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'base-scripts-'));
  });

  afterEach(() => rm(checkout, { recursive: true }));

  it('puts back scripts that were changed, added or removed, and keeps the rest', async () => {
    await writeFile(join(checkout, 'package.json'), '{"version":"2.0.0","scripts":{"pretest":"x","test":"true"}}');

    expect(
      await restoreBaseScripts(checkout, base('{"version":"1.0.0","scripts":{"test":"jest","lint":"y"}}')),
    ).toEqual({
      changed: true,
    });
    expect(JSON.parse(await current())).toEqual({ version: '2.0.0', scripts: { test: 'jest', lint: 'y' } });
  });

  it('takes scripts away where the base commit has none', async () => {
    await writeFile(join(checkout, 'package.json'), '{"scripts":{"test":"true"}}');

    expect(await restoreBaseScripts(checkout, base('{}'))).toEqual({ changed: true });
    expect(JSON.parse(await current())).toEqual({});
  });

  it('leaves a file with the same scripts as it is', async () => {
    const text = '{ "scripts":   {"b": "2", "a": "1"} }';
    await writeFile(join(checkout, 'package.json'), text);

    expect(await restoreBaseScripts(checkout, base('{"scripts":{"a":"1","b":"2"},"name":"x"}'))).toEqual({
      changed: false,
    });
    expect(await current()).toBe(text);
  });

  it('has nothing to do where the base commit has no package.json', async () => {
    expect(await restoreBaseScripts(checkout, base(null))).toEqual({ changed: false });
  });

  it('says when the file is missing or a link', async () => {
    expect(await restoreBaseScripts(checkout, base('{}'))).toEqual({
      problem: 'package.json, which the base commit has, cannot be used: The report package.json was not written',
    });
    await writeFile(join(checkout, 'other.json'), '{}');
    await symlink('other.json', join(checkout, 'package.json'));

    expect(await restoreBaseScripts(checkout, base('{}'))).toMatchObject({
      problem: expect.stringContaining('symbolic link'),
    });
  });
});
