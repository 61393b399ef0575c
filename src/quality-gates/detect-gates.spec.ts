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
        name: 'test',
        kind: 'test',
        argv: ['npm', 'run', 'test'],
        directory: null,
        isRequired: true,
        retries: 0,
        timeoutMs: 1000,
        report: null,
        threshold: null,
        maxFall: null,
        changedLines: null,
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

  it('keeps the downloads of setups by what says what they are', async () => {
    const kept = async (files: Readonly<Record<string, string>>) => (await detectGates(reading(files), 1000))[0]?.cache;
    const node = { 'package.json': manifest(SCRIPTS, DEPENDENCIES) };

    expect(await kept({ ...node, 'package-lock.json': '{}' })).toEqual({
      key: ['package-lock.json'],
      paths: ['.npm/_cacache'],
    });
    expect(await kept({ ...node, 'pnpm-lock.yaml': '' })).toBeUndefined();
    expect(await kept({ 'go.mod': '', 'go.sum': '' })).toEqual({
      key: ['go.sum'],
      paths: ['go/pkg/mod/cache/download'],
    });
    expect(await kept({ 'Cargo.toml': '', 'Cargo.lock': '' })).toMatchObject({ key: ['Cargo.lock'] });
    expect(await kept({ 'requirements.txt': 'pytest', 'setup.py': '' })).toEqual({
      key: ['requirements.txt', 'pyproject.toml', 'setup.py', 'setup.cfg'],
      paths: ['.cache/pip'],
    });
  });

  it.each([
    ['jest', 'npm run test -- --json --outputFile=.mosaic-tests.json'],
    ['jest --ci --coverage', 'npm run test -- --json --outputFile=.mosaic-tests.json'],
    ['vitest run', 'npm run test -- --reporter=default --reporter=json --outputFile.json=.mosaic-tests.json'],
    ['jest --watch', 'npm run test'],
    ['jest --reporters=x', 'npm run test'],
    ['jest -o', 'npm run test'],
    ['jest && echo done', 'npm run test'],
    ['node jest.js', 'npm run test'],
    ['jest-runner', 'npm run test'],
  ])('has the script %j name its tests in a report where that is sure', async (script, expected) => {
    const gates = await detectGates(reading({ 'package.json': manifest({ test: script }) }), 1000);

    expect(gates.map(({ argv }) => argv.join(' '))).toEqual([expected]);
    expect(gates[0]?.report).toBe(expected.includes('.mosaic') ? '.mosaic-tests.json' : null);
  });

  it('hands options to a script as each package manager wants them', async () => {
    const files = { 'package.json': manifest({ test: 'jest' }, { packageManager: 'pnpm@9.1.0' }) };

    expect(await detect(files)).toEqual(['test: pnpm run test --json --outputFile=.mosaic-tests.json']);
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
    ['pnpm@9.1.0', 'pnpm run test'],
    ['yarn@4.0.0', 'yarn run test'],
    ['bun@1', 'npm run test'],
    [3, 'npm run test'],
  ])('takes the package manager %j where no lock file tells it', async (packageManager, test) => {
    expect(await detect({ 'package.json': manifest({ test: 'x' }, { packageManager, ...DEPENDENCIES }) })).toEqual([
      `test: ${test}`,
    ]);
  });

  it('takes a script that checks types for a gate of its own', async () => {
    const gates = await detectGates(reading({ 'package.json': manifest({ test: 'x', typecheck: 'tsc' }) }), 1000);

    expect(gates.map(({ name, kind }) => `${kind} ${name}`)).toEqual(['lint types', 'test test']);
  });

  it.each([
    ['jest', {}, 'npx --no-install jest --ci --json --outputFile=.mosaic-tests.json'],
    ['jest', { 'pnpm-lock.yaml': '' }, 'pnpm exec jest --ci --json --outputFile=.mosaic-tests.json'],
    [
      'vitest',
      { 'yarn.lock': '' },
      'yarn run vitest run --reporter=default --reporter=json --outputFile.json=.mosaic-tests.json',
    ],
  ])('runs %s itself where no script does', async (runner, files, command) => {
    const text = JSON.stringify({ devDependencies: { [runner]: '1' } });
    const gates = await detectGates(reading({ 'package.json': text, ...files }), 1000);

    expect(gates.at(-1)?.argv.join(' ')).toBe(command);
    expect(gates.at(-1)).toMatchObject({
      kind: 'test',
      report: '.mosaic-tests.json',
      origin: `detected from ${runner} among the dependencies in package.json`,
    });
  });

  it.each([
    [{ 'pytest.ini': '' }, 'a pytest.ini'],
    [{ 'pyproject.toml': '[project]\n[tool.pytest.ini_options]\n' }, '[tool.pytest…] in pyproject.toml'],
    [{ 'pyproject.toml': 'dev = ["pytest>=8"]' }, 'pytest among the dependencies in pyproject.toml'],
    [
      { 'pyproject.toml': '[tool.poetry.dependencies]\npytest = "8"' },
      'pytest among the dependencies in pyproject.toml',
    ],
    [{ 'setup.cfg': '[tool:pytest]' }, '[tool:pytest] in setup.cfg'],
    [{ 'tox.ini': '[pytest]' }, '[pytest] in tox.ini'],
    [{ 'requirements.txt': 'flask\npytest==8\n' }, 'pytest in requirements.txt'],
  ])('finds pytest in %j', async (files, why) => {
    const gates = await detectGates(reading(files), 1000);

    expect(gates.at(-1)).toMatchObject({
      kind: 'test',
      argv: expect.arrayContaining(['-m', 'pytest', '--junitxml=.mosaic-tests.xml']),
      report: '.mosaic-tests.xml',
      origin: `detected from ${why}`,
    });
  });

  it('installs what a Python project lists, into an environment of its own', async () => {
    const project = `[build-system]\n[project.optional-dependencies]\ndev = ["pytest"]\nother = []\n[tool.ruff]\n[tool.mypy]\n`;
    const install = (words: string): string =>
      `setup: bash -euo pipefail -c python3 -m venv --system-site-packages .venv\n.venv/bin/python -m pip install --quiet --disable-pip-version-check --prefer-binary ${words}`;

    expect(await detect({ 'pyproject.toml': project, 'requirements.txt': '' })).toEqual([
      install("-r requirements.txt -e '.[dev]'"),
      'lint: .venv/bin/python -m ruff check .',
      'lint: .venv/bin/python -m mypy .',
      'test: .venv/bin/python -m pytest --junitxml=.mosaic-tests.xml',
    ]);
    expect((await detect({ 'setup.py': '', 'pytest.ini': '' }))[0]).toBe(install('-e .'));
    expect(await detect({ 'pytest.ini': '' })).toEqual(['test: python3 -m pytest --junitxml=.mosaic-tests.xml']);
  });

  it.each([
    ['uv.lock', 'uv sync --frozen --all-extras --all-groups', 'uv run --frozen --no-sync python'],
    ['poetry.lock', 'poetry install --no-interaction --all-extras', 'poetry run python'],
    ['Pipfile.lock', 'pipenv sync --dev', 'pipenv run python'],
  ])('installs by %s', async (lock, setup, python) => {
    expect(await detect({ [lock]: '', 'pytest.ini': '', 'requirements.txt': '' })).toEqual([
      `setup: ${setup}`,
      `test: ${python} -m pytest --junitxml=.mosaic-tests.xml`,
    ]);
  });

  it.each([
    [{ 'ruff.toml': '' }, ['lint: python3 -m ruff check .']],
    [{ 'mypy.ini': '[mypy]\nfiles = src\n' }, ['lint: python3 -m mypy']],
    [{ '.mypy.ini': '[mypy]\n' }, ['lint: python3 -m mypy .']],
    [{ 'setup.cfg': '[mypy]\n' }, ['lint: python3 -m mypy .']],
    [{ 'pyproject.toml': '[tool.mypy]\npackages = ["a"]\n[tool.x]\n' }, ['lint: python3 -m mypy']],
  ])('finds ruff and mypy in %j', async (files, gates) => {
    expect(await detect(files)).toEqual(gates);
  });

  it('finds Go and Rust', async () => {
    expect(await detect({ 'go.mod': 'module a', 'go.sum': '' })).toEqual([
      'setup: go mod download',
      'build: go build ./...',
      'lint: go vet ./...',
      'test: go test -v ./...',
    ]);
    expect(await detect({ 'Cargo.toml': '', 'Cargo.lock': '', '.clippy.toml': '' })).toEqual([
      'setup: cargo fetch --locked',
      'build: cargo build --workspace',
      'lint: cargo clippy --workspace --all-targets -- -D warnings',
      'test: cargo test --workspace --no-fail-fast',
    ]);
    expect(await detect({ 'Cargo.toml': '' })).toHaveLength(2);
  });

  it.each([
    [{ 'pom.xml': '', mvnw: '#!/bin/sh' }, 'sh ./mvnw -B -ntp', 'a pom.xml at the top with its mvnw'],
    [{ 'pom.xml': '', 'build.gradle': '' }, 'mvn -B -ntp', 'a pom.xml at the top'],
  ])('finds Maven in %j', async (files, program, why) => {
    expect(await detect(files)).toEqual([
      `setup: ${program} -q dependency:go-offline`,
      `build: ${program} -q test-compile`,
      `test: ${program} --fail-at-end test`,
    ]);
    expect((await detectGates(reading(files), 1000)).at(-1)).toMatchObject({
      report: '**/target/surefire-reports/TEST-*.xml',
      origin: `detected from ${why}`,
    });
  });

  it.each([
    [
      { 'build.gradle.kts': '', gradlew: '#!/bin/sh' },
      'sh ./gradlew',
      'a build.gradle.kts at the top with its gradlew',
    ],
    [{ 'settings.gradle': '' }, 'gradle', 'a settings.gradle at the top'],
  ])('finds Gradle in %j', async (files, program, why) => {
    expect(await detect(files)).toEqual([
      `setup: ${program} --no-daemon --quiet dependencies`,
      `build: ${program} --no-daemon assemble testClasses`,
      `test: ${program} --no-daemon --continue test`,
    ]);
    expect((await detectGates(reading(files), 1000)).at(-1)).toMatchObject({
      report: '**/build/test-results/test/TEST-*.xml',
      origin: `detected from ${why}`,
    });
  });

  it('finds PHPUnit and PHPStan', async () => {
    const required = '{"require-dev":{"phpunit/phpunit":"^11"}}';
    const test = 'test: php vendor/bin/phpunit --log-junit .mosaic-tests.xml';

    expect(await detect({ 'composer.json': required, 'composer.lock': '', 'phpstan.neon': '' })).toEqual([
      'setup: composer install --no-interaction --no-progress --no-scripts --no-plugins',
      'lint: php vendor/bin/phpstan analyse --no-progress',
      test,
    ]);
    expect(await detect({ 'composer.json': '{}', 'phpunit.xml.dist': '' })).toEqual([test]);
    expect(await detect({ 'composer.json': '{}', 'composer.lock': '' })).toEqual([]);
  });

  it('finds .NET by the files whose names are always the same', async () => {
    const gates = [
      'setup: dotnet restore -nodeReuse:false',
      'build: dotnet build --no-restore -nodeReuse:false -p:UseSharedCompilation=false',
      'test: dotnet test --no-build --logger trx --results-directory .mosaic-tests -nodeReuse:false',
    ];

    expect(await detect({ 'global.json': '{}' })).toEqual(gates);
    expect((await detect({ 'global.json': '{}', 'packages.lock.json': '{}' }))[0]).toBe(
      'setup: dotnet restore --locked-mode -nodeReuse:false',
    );
  });

  it('finds the targets of a makefile', async () => {
    const makefile = 'SHELL := bash\ntest := a\n.PHONY: deps\nbuild lint: x\n\techo lint: test:\ncheck:: a\ndeps:\n';

    expect(await detect({ Makefile: makefile })).toEqual([
      'setup: make deps',
      'build: make build',
      'lint: make lint',
      'test: make check',
    ]);
    expect((await detectGates(reading({ Makefile: 'test:', GNUmakefile: 'test: a' }), 1))[0]?.origin).toBe(
      'detected from the target "test" in GNUmakefile',
    );
    expect(await detect({ Makefile: 'test = a\nall: a\n' })).toEqual([]);
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
