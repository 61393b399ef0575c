import { describe, expect, it } from '@jest/globals';
import { detectGates } from './detect-gates.js';
import type { ReadBaseFile } from './detected-gate.js';

const reading =
  (files: Readonly<Record<string, string>>): ReadBaseFile =>
  (path) =>
    Promise.resolve(files[path] ?? null);
const detect = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await detectGates(reading(files), 1000)).map(({ kind, argv }) => `${kind}: ${argv.join(' ')}`);
const manifest = (scripts: unknown, rest: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ scripts, ...rest });

const SCRIPTS = { build: 'tsc', lint: 'eslint .', test: 'node --test', 'test:coverage': 'c8 npm test', other: 'x' };
const DEPENDENCIES = { devDependencies: { typescript: '6' } };

describe('detectGates', () => {
  it('finds the scripts of a Node package and says why', async () => {
    expect(await detectGates(reading({ 'package.json': manifest({ test: 'node --test' }) }), 1000)).toEqual([
      {
        kind: 'test',
        argv: ['npm', 'run', 'test'],
        timeoutMs: 1000,
        report: null,
        threshold: null,
        origin: 'detected from the script "test" in package.json',
      },
    ]);
  });

  it.each([
    ['package-lock.json', '{}', 'npm', 'npm ci --ignore-scripts'],
    ['npm-shrinkwrap.json', '{}', 'npm', 'npm ci --ignore-scripts'],
    ['pnpm-lock.yaml', 'lockfileVersion: 9', 'pnpm', 'pnpm install --frozen-lockfile --ignore-scripts'],
    ['yarn.lock', '# yarn lockfile v1', 'yarn', 'yarn install --frozen-lockfile --ignore-scripts'],
    ['yarn.lock', '__metadata:\n  version: 8', 'yarn', 'yarn install --immutable --mode=skip-build'],
  ])('installs by %s (%s) without scripts', async (lockFile, lock, program, setup) => {
    expect(await detect({ 'package.json': manifest(SCRIPTS, DEPENDENCIES), [lockFile]: lock })).toEqual([
      `setup: ${setup}`,
      `build: ${program} run build`,
      `lint: ${program} run lint`,
      `test: ${program} run test`,
      `coverage: ${program} run test:coverage`,
    ]);
  });

  it.each([
    ['dependencies and no lock', { 'package.json': manifest({ test: 'x' }, DEPENDENCIES) }],
    ['a lock and no dependencies', { 'package.json': manifest({ test: 'x' }), 'package-lock.json': '{}' }],
    ['an empty list of them', { 'package.json': manifest({ test: 'x' }, { dependencies: {} }), 'yarn.lock': '' }],
  ])('installs nothing with %s', async (_name, files) => {
    expect((await detect(files)).map((gate) => gate.split(':')[0])).toEqual(['test']);
  });

  it.each([
    ['the placeholder of npm init', manifest({ test: 'echo "Error: no test specified" && exit 1' })],
    ['an empty script', manifest({ test: ' ' })],
    ['a script that is no text', manifest({ test: ['x'] })],
    ['scripts that are no mapping', manifest('x')],
    ['no scripts', '{}'],
    ['broken JSON', '{"scripts":'],
    ['another value', '[]'],
  ])('finds no gate in %s', async (_name, text) => {
    expect(await detect({ 'package.json': text })).toEqual([]);
  });

  it.each([
    [{ 'pytest.ini': '' }, 'a pytest.ini'],
    [{ 'pyproject.toml': '[project]\n[tool.pytest.ini_options]\n' }, '[tool.pytest…] in pyproject.toml'],
    [{ 'pyproject.toml': 'dev = ["pytest>=8"]' }, 'pytest among the dependencies in pyproject.toml'],
    [{ 'setup.cfg': '[tool:pytest]' }, '[tool:pytest] in setup.cfg'],
    [{ 'tox.ini': '[pytest]' }, '[pytest] in tox.ini'],
    [{ 'requirements.txt': 'flask\npytest==8\n' }, 'pytest in requirements.txt'],
  ])('finds pytest in %j', async (files, why) => {
    const gates = await detectGates(reading(files), 1000);

    expect(gates).toMatchObject([{ kind: 'test', argv: ['python3', '-m', 'pytest'], origin: `detected from ${why}` }]);
  });

  it('finds Go and Rust', async () => {
    expect(await detect({ 'go.mod': 'module a' })).toEqual([
      'build: go build ./...',
      'lint: go vet ./...',
      'test: go test -v ./...',
    ]);
    expect(await detect({ 'Cargo.toml': '' })).toEqual([
      'build: cargo build --workspace',
      'test: cargo test --workspace',
    ]);
  });

  it('takes the first toolchain that has tests, else the first that has anything', async () => {
    const onlyLint = { 'package.json': manifest({ lint: 'x' }) };

    expect(await detect({ ...onlyLint, 'go.mod': 'module a' })).toContain('test: go test -v ./...');
    expect(await detect({ 'package.json': manifest({ test: 'x' }), 'go.mod': 'module a' })).toEqual([
      'test: npm run test',
    ]);
    expect(await detect(onlyLint)).toEqual(['lint: npm run lint']);
    expect(await detect({ 'requirements.txt': 'flask' })).toEqual([]);
  });
});
