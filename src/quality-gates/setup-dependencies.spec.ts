import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DependencyCache } from './dependency-cache.port.js';
import { failedResult } from './gate-result.js';
import type { GateDefinition, GateResult } from './quality-gates.types.js';
import { SetupDependencies, type SetupSurroundings } from './setup-dependencies.js';

const SETUP: GateDefinition = {
  name: 'setup',
  kind: 'setup',
  argv: ['npm', 'ci'],
  directory: null,
  timeoutMs: 1,
  report: null,
  threshold: null,
  maxFall: null,
  changedLines: null,
  isRequired: true,
  retries: 0,
  cache: { key: ['package-lock.json'], paths: ['.npm'] },
  origin: '',
};
const RED = failedResult(SETUP, 'change', 'Exit code 1', '');
const GREEN: GateResult = { ...RED, passed: true, fault: null };

/** Keeps keys alone, and notes what it is asked for. */
class FakeDependencyCache implements DependencyCache {
  readonly keys = new Set<string>();
  readonly asked: string[] = [];
  failure: Error | null = null;

  async restore(key: string): Promise<boolean> {
    this.note('restore');
    return this.keys.has(key);
  }

  async keep(key: string): Promise<void> {
    this.note('keep');
    this.keys.add(key);
  }

  async drop(key: string): Promise<void> {
    this.note('drop');
    this.keys.delete(key);
  }

  private note(what: string): void {
    this.asked.push(what);
    if (this.failure) throw this.failure;
  }
}

describe('SetupDependencies', () => {
  let home: string;
  let cache: FakeDependencyCache;
  let warnings: string[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'setup-home-'));
    cache = new FakeDependencyCache();
    warnings = [];
  });

  afterEach(() => rm(home, { recursive: true }));

  /** Runs a setup that ends as said, as often as it is run. */
  async function setUp(
    isOfBase: boolean,
    results: readonly GateResult[] = [GREEN],
    {
      definition = {},
      surroundings = {},
    }: { definition?: Partial<GateDefinition>; surroundings?: Partial<SetupSurroundings> } = {},
  ): Promise<GateResult> {
    const readBaseFile = async (path: string): Promise<string | null> => (path === 'package-lock.json' ? 'lock' : null);
    const complete = { repository: 'acme/app', tools: { npm: '10' }, readBaseFile, ...surroundings };
    const dependencies = new SetupDependencies(cache, complete, isOfBase, (warning) => warnings.push(warning));
    const left = [...results];
    return dependencies.around({ ...SETUP, ...definition }, home, async () => left.shift() ?? RED);
  }

  it('keeps what the base commit downloads, and gives it to all', async () => {
    expect(await setUp(true)).toBe(GREEN);
    expect(await setUp(false)).toBe(GREEN);

    expect(cache.asked).toEqual(['restore', 'keep', 'restore']);
    expect(cache.keys.size).toBe(1);
  });

  it('keeps nothing of a commit that an agent had a part in, nor of a setup that failed', async () => {
    await setUp(false);
    await setUp(true, [RED]);

    expect(cache.keys.size).toBe(0);
  });

  it.each<[string, Parameters<typeof setUp>[2]]>([
    ['another repository', { surroundings: { repository: 'acme/other' } }],
    ['another command', { definition: { argv: ['npm', 'install'] } }],
    ['other tools', { surroundings: { tools: { npm: '11' } } }],
    ['another lock file', { surroundings: { readBaseFile: async () => 'other lock' } }],
    ['other folders', { definition: { cache: { key: ['package-lock.json'], paths: ['.cache'] } } }],
    ['another directory', { definition: { directory: 'web' } }],
  ])('has another key for %s', async (_name, rest) => {
    await setUp(true);
    await setUp(true, [GREEN], rest);

    expect(cache.keys.size).toBe(2);
  });

  it('keeps nothing of a gate that does not say so, or without the files that say what it is', async () => {
    const { cache: _, ...uncached } = SETUP;
    const dependencies = new SetupDependencies(
      cache,
      { repository: 'a/b', tools: undefined, readBaseFile: async () => null },
      true,
      () => undefined,
    );

    await dependencies.around(uncached, home, async () => GREEN);
    await dependencies.around(SETUP, home, async () => GREEN);
    await setUp(true, [GREEN], { definition: { kind: 'build' } });

    expect(cache.asked).toEqual([]);
  });

  it('runs a setup again without what was kept, and drops that if it then passes', async () => {
    await setUp(true);
    await mkdir(join(home, '.npm'));
    await writeFile(join(home, '.npm/spoiled'), '');

    expect(await setUp(false, [RED, GREEN])).toBe(GREEN);

    expect(existsSync(join(home, '.npm'))).toBe(false);
    expect(cache.keys.size).toBe(0);
  });

  it('does not drop it where the setup fails anyway, nor runs it again for what an agent cannot mend', async () => {
    const missing: GateResult = { ...RED, fault: 'definition' };
    await setUp(true);

    expect(await setUp(false, [RED, RED, GREEN])).toBe(RED);
    expect(await setUp(false, [missing, GREEN])).toBe(missing);

    expect(cache.keys.size).toBe(1);
  });

  it('runs the setup whatever becomes of the cache, and warns', async () => {
    cache.failure = new Error('the disk is full');

    expect(await setUp(true)).toBe(GREEN);

    expect(warnings).toEqual(Array<string>(2).fill('The kept dependencies could not be used: the disk is full'));
  });

  it('removes nothing behind a link that the setup made', async () => {
    await setUp(true);
    const outside = await mkdtemp(join(tmpdir(), 'setup-outside-'));
    await mkdir(join(outside, 'cache'));
    await symlink(outside, join(home, '.npm'));
    const deep = { definition: { cache: { key: ['package-lock.json'], paths: ['.npm/cache'] } } };
    await setUp(true, [GREEN], deep);

    await setUp(false, [RED, RED], deep);

    expect(warnings).toEqual(['The kept dependencies could not be used: .npm/cache is behind a link or a file']);
    expect(existsSync(join(outside, 'cache'))).toBe(true);
    await rm(outside, { recursive: true });
  });
});
