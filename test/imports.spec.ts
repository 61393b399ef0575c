import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

const SOURCE = join(import.meta.dirname, '..', 'src');
/** These begin to work when they are loaded: they are programs. */
const PROGRAMS = ['main.ts', 'demo/main.ts', 'egress/network-bridge.ts', 'command-runner/dead-mans-program.ts'];

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !PROGRAMS.includes(file))
  .sort();

describe('the source', () => {
  it('has many files', () => {
    expect(files.length).toBeGreaterThan(200);
  });

  it.each(files)('%s can be loaded by itself, whatever was loaded before', async (file) => {
    await expect(import(join(SOURCE, file))).resolves.toBeDefined();
  });
});
