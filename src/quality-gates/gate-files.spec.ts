import { describe, expect, it } from '@jest/globals';
import { gateFileKind, isMakefile, isTestFile } from './gate-files.js';

describe('gateFileKind', () => {
  it.each([
    'jest.config.js',
    'jest.config.e2e.ts',
    'packages/a/vitest.config.mts',
    'vitest.workspace.ts',
    'test/jest-e2e.json',
    'playwright.config.ts',
    'eslint.config.js',
    '.eslintrc.json',
    '.eslintrc',
    '.prettierrc',
    '.oxlintrc.json',
    'biome.json',
    'tsconfig.json',
    'tsconfig.build.json',
    '.mocharc.yml',
    '.nycrc.json',
    'babel.config.cjs',
    '.npmrc',
    '.yarnrc.yml',
    'bunfig.toml',
    'pnpm-workspace.yaml',
    'pytest.ini',
    'tox.ini',
    'setup.cfg',
    '.coveragerc',
    'ruff.toml',
    'mypy.ini',
    'sitecustomize.py',
    '.golangci.yml',
    'clippy.toml',
    'rustfmt.toml',
    'checkstyle.xml',
    'phpunit.xml.dist',
    'api.runsettings',
    'Makefile',
    'gradlew',
    '.gitattributes',
    '.gitlab-ci.yml',
    'go.work',
    'eslint-suppressions.json',
    'phpstan-baseline.neon',
    '.gitleaks.toml',
    '.trivyignore',
    'osv-scanner.toml',
  ])('takes %s for a file that defines gates, by its name', (path) => {
    expect(gateFileKind(path)).toBe('name');
  });

  it.each([
    '.mosaic/coordinator.yml',
    '.github/workflows/ci.yml',
    '.gitea/workflows/ci.yml',
    '.forgejo/x',
    '.husky/pre-commit',
    '.husky',
    'crates/a/.cargo/config.toml',
    '.mvn/maven.config',
    'node_modules/.bin/node',
    'node_modules',
    '.yarn/releases/yarn.cjs',
  ])('takes %s for one by its folder', (path) => {
    expect(gateFileKind(path)).toBe('folder');
  });

  it.each(['package.json', 'packages/a/package.json', 'pyproject.toml'] as const)(
    'takes %s for one in part',
    (path) => {
      expect(gateFileKind(path)).toBe(path.replace(/.*\//, ''));
    },
  );

  it.each([
    'src/jest.ts',
    'conftest.py',
    'src/config.js',
    'pom.xml',
    'go.mod',
    'package-lock.json',
    'README.md',
    '.github/ISSUE_TEMPLATE.md',
    'docs/husky/x.md',
    'jest-report.json',
    'tsconfig.tsbuildinfo',
    'src/vite.config.parser.md',
    'Makefile.md',
  ])('leaves %s to the work', (path) => {
    expect(gateFileKind(path)).toBeNull();
  });
});

describe('isTestFile', () => {
  it.each([
    'a.test.js',
    'src/a.spec.tsx',
    'test/a.js',
    '__tests__/a.ts',
    'test_a.py',
    'pkg/a_test.go',
    'src/ATest.java',
  ])('knows %s', (path) => expect(isTestFile(path)).toBe(true));

  it.each(['a.js', 'test/data.png', 'contest.py', 'src/latest/a.js', 'tests/__snapshots__/a.snap'])(
    'does not take %s for one',
    (path) => expect(isTestFile(path)).toBe(false),
  );
});

describe('isMakefile', () => {
  it('knows the names that make looks for', () => {
    expect(['Makefile', 'a/GNUmakefile', 'makefile', 'Makefile.in', 'Rakefile'].filter(isMakefile)).toEqual([
      'Makefile',
      'a/GNUmakefile',
      'makefile',
    ]);
  });
});
