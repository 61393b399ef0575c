import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it, jest } from '@jest/globals';

import { makeTemporaryFolder } from './support/temporary-folder.js';

jest.setTimeout(60_000);

const ROOT = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
/** What the rules are made of. */
const RULES = ['module-boundaries.cjs', 'part-boundaries.cjs', '.dependency-cruiser.cjs'];

const boundaries = require('../module-boundaries.cjs') as Readonly<Record<string, readonly string[]>>;

interface Cruise {
  readonly totalCruised: number;
  readonly violations: readonly {
    readonly rule: { readonly name: string };
    readonly from: string;
    readonly to: string;
  }[];
}

/** Runs dependency-cruiser over the sources under a root. As a program, because it looks at its working directory. */
async function cruise(root: string): Promise<Cruise> {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const argv = [program, 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  // It exits with the number of violations.
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: root, maxBuffer: 100_000_000 }).catch(
    (error: { stdout: string }) => error,
  );
  return (JSON.parse(stdout) as { summary: Cruise }).summary;
}

/** Every file and folder under a folder, with its path from there. */
function everything(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true }).map(String);
}

describe('The sources', () => {
  it('keep to module-boundaries.cjs', async () => {
    const { totalCruised, violations } = await cruise(ROOT);

    // Without a parser it understands, dependency-cruiser looks at no file and reports success.
    expect(totalCruised).toBeGreaterThan(200);
    expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });

  it('would not keep to it with any of these faults: each is found by the rule meant for it', async () => {
    const folder = makeTemporaryFolder();
    const root = folder.path;
    for (const name of ['src', 'tsconfig.json', 'package.json', ...RULES]) {
      cpSync(join(ROOT, name), join(root, name), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    const plant = (file: string, text: string): void => {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      appendFileSync(join(root, file), `\n${text}\n`);
    };
    plant('test/support/a.ts', 'export const a = 1;');
    const faults = [
      ['queue-imports', 'src/queue/index.ts', "export { IssueParserService } from '../parser/index.js';"],
      ['webhook-imports', 'src/webhook/index.ts', "export { rawBodyReader } from '../security/raw-body-reader.js';"],
      ['metrics-imports', 'src/metrics/index.ts', "export type { Job } from '../queue/queue.types.js';"],
      ['kernel-imports', 'src/kernel/index.ts', "export { QueueService } from '../queue/index.js';"],
      ['parser-imports', 'src/parser/index.ts', "export { FakeClock } from '../testing/index.js';"],
      ['no-own-index', 'src/gitea/retry.ts', "export { GiteaClient } from './index.js';"],
      [
        'orchestration-runs-imports',
        'src/orchestration/runs/run-ending.ts',
        "export type { IntakeDecision } from '../intake/decide-intake.js';",
      ],
      [
        'listed-parts-only',
        'src/orchestration/bits/bit.ts',
        "export type { OrchestrationOptions } from '../orchestration.options.js';",
      ],
      ['front-door-only', 'src/app.module.ts', "export { applyMove } from './queue/apply-move.js';"],
      ['listed-modules-only', 'src/billing/index.ts', "export { CodedError } from '../kernel/index.js';"],
      ['no-test-code-in-src', 'src/security/index.ts', "export { a } from '../../test/support/a.js';"],
      ['no-test-code-in-src', 'src/config/index.ts', "export * from './app-config.spec.js';"],
      ['no-cycles', 'src/agents/assignment.errors.ts', "export { assignProfile } from './assignment.js';"],
      ['no-orphans', 'src/health/forgotten.ts', 'export const forgotten = 1;'],
    ] as const;
    for (const [, file, text] of faults) plant(file, text);

    const { violations } = await cruise(root);
    folder.remove();

    const found = new Set(violations.map(({ rule, from }) => `${rule.name}: ${from}`));
    expect([...found]).toEqual(expect.arrayContaining(faults.map(([rule, file]) => `${rule}: ${file}`)));
  });

  it('have a folder for each listed module, and no other', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());

    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(boundaries).sort());
  });

  it.each(['src', 'test', 'bench'])('have no name in %s that says nothing', (folder) => {
    const names = everything(folder);
    const empty = /^(utils?|helpers?|common|misc|shared|lib)([.-]|$)|[.-](utils?|helpers?)([.-]|$)/;

    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((path) => empty.test(basename(path)))).toEqual([]);
  });

  it('list what they export by name', () => {
    const fronts = everything('src').filter((path) => basename(path) === 'index.ts');

    expect(fronts.length).toBeGreaterThan(10);
    for (const path of fronts) expect(readFileSync(join(ROOT, 'src', path), 'utf8')).not.toMatch(/export \*/);
  });

  it('have a front door for each subpath of the package', () => {
    const { exports } = require('../package.json') as { exports: Record<string, { types: string; default: string }> };
    const subpaths = Object.keys(exports).filter((subpath) => subpath !== './package.json');

    expect(subpaths.length).toBeGreaterThan(10);
    for (const subpath of subpaths) {
      const name = subpath.slice('./'.length);
      expect(exports[subpath]).toEqual({ types: `./dist/${name}/index.d.ts`, default: `./dist/${name}/index.js` });
      expect(existsSync(join(ROOT, 'src', name, 'index.ts'))).toBe(true);
    }
  });
});
