/** The settings of what: tests, lint, types and formats. A part between the name and the ending is part of it. */
const CONFIGURED =
  'jest|vitest|vite|playwright|karma|wdio|cypress|ava|mocha|c8|nyc|tap|babel|swc|eslint|prettier|stylelint|commitlint|lint-staged|web-test-runner|knip';

/** Names by which a program finds its settings, wherever the file lies. */
const NAMES: readonly RegExp[] = [
  new RegExp(
    `^(?:${CONFIGURED})(?:[.-][\\w-]+)*\\.(?:config|conf|workspace)(?:\\.[\\w-]+)*\\.(?:[cm]?[jt]sx?|json[5c]?|ya?ml|toml)$`,
  ),
  /^(?:jest|vitest)(?:[.-](?:config|e2e|unit|integration|setup)[\w.-]*)?\.json$/,
  /^\.(?:mocharc|nycrc|c8rc|taprc|babelrc|swcrc|eslintrc|prettierrc|stylelintrc|commitlintrc|lintstagedrc|oxlintrc|oxfmtrc)(?:\.\w+)?$/,
  /^\.(?:eslintignore|prettierignore|stylelintignore|editorconfig|jshintrc|markdownlint\.\w+|yamllint(?:\.ya?ml)?)$/,
  /^(?:eslint-suppressions\.json|\.dependency-cruiser\.(?:[cm]?js|json)|lerna\.json|audit-ci\.jsonc?|\.nsprc|\.snyk)$/,
  /^(?:\.?oxlint(?:rc)?\.jsonc?|\.?biome\.jsonc?|tslint\.json|deno\.jsonc?|nx\.json|turbo\.jsonc?)$/,
  /^(?:ts|js)config(?:[.-][\w.-]+)?\.json$/,
  // Package managers and versions of tools.
  /^(?:\.npmrc|\.yarnrc(?:\.yml)?|bunfig\.toml|\.bunfig\.toml|pnpm-workspace\.yaml|\.?pnpmfile\.[cm]?js|\.pnp\.[cm]?js)$/,
  /^(?:\.nvmrc|\.node-version|\.python-version|\.ruby-version|\.tool-versions|\.?mise\.toml|rust-toolchain(?:\.toml)?|go\.work|uv\.toml|hatch\.toml)$/,
  // Python. The last two are loaded by every interpreter that finds them.
  /^(?:\.?pytest\.(?:ini|toml)|tox\.ini|setup\.cfg|\.coveragerc|\.?ruff\.toml|\.?mypy\.ini|\.flake8|\.?pylintrc|\.isort\.cfg|\.bandit|noxfile\.py)$/,
  /^(?:pyrightconfig\.json|\.pre-commit-config\.yaml|sitecustomize\.py|usercustomize\.py)$/,
  // Go, Rust, Java, PHP, Ruby, .NET.
  /^(?:\.golangci\.(?:ya?ml|toml|json)|\.?clippy\.toml|\.?rustfmt\.toml|deny\.toml)$/,
  /^(?:checkstyle|pmd|spotbugs|ktlint|detekt)[\w.-]*\.(?:xml|ya?ml)$/,
  /^(?:phpstan[\w.-]*\.neon|psalm-baseline\.xml|lint-baseline\.xml|\.rubocop_todo\.yml|sonar-project\.properties)$/,
  // Scans for weaknesses and secrets.
  /^(?:\.semgrepignore|\.semgrep\.ya?ml|\.?gitleaks\.toml|\.gitleaksignore|\.trivyignore(?:\.yaml)?|trivy\.yaml)$/,
  /^(?:osv-scanner\.toml|\.secrets\.baseline)$/,
  /^(?:phpunit\.xml|phpstan\.neon|phpcs\.xml|psalm\.xml|\.php-cs-fixer\.php|\.phpcs\.xml)(?:\.dist)?$/,
  /^(?:\.rspec|\.rubocop\.yml|global\.json|nuget\.config|[\w.-]+\.runsettings|Directory\.Build\.(?:props|targets))$/i,
  // What is run by name.
  /^(?:GNUmakefile|[Mm]akefile|mvnw|gradlew|\.?justfile|Taskfile\.ya?ml|Rakefile)$/,
  /^(?:Jenkinsfile|\.gitlab-ci\.yml|\.woodpecker\.ya?ml|\.drone\.ya?ml|azure-pipelines\.yml|\.gitattributes)$/,
];

/** Folders in which everything defines gates, or stands in for a program that they run; each wherever it lies. */
const FOLDERS: readonly string[] = [
  '.mosaic',
  '.husky',
  '.githooks',
  '.github/workflows',
  '.github/actions',
  '.gitea',
  '.forgejo',
  '.woodpecker',
  '.circleci',
  '.cargo',
  '.config/nextest.toml',
  '.mvn',
  'gradle/wrapper',
  'config/checkstyle',
  '.yarn/releases',
  '.yarn/plugins',
  'node_modules',
  '.venv',
];

/** Files that hold dependencies as well, of which only a part defines gates. */
const PARTLY = ['package.json', 'pyproject.toml'] as const;
export type PartlyGateFile = (typeof PARTLY)[number];

/** What kind of file a path of a repository is to its gates. */
export type GateFileKind = PartlyGateFile | 'name' | 'folder';

/**
 * Whether a file says how work is checked, or what is run in place of what checks it; null: it does not. Settings that
 * are source code of the tests themselves, such as a `conftest.py`, are no such files: honest work changes them, and what
 * they make of the tests shows in the comparison with the base commit.
 */
export function gateFileKind(path: string): GateFileKind | null {
  // A link in place of the folder counts as well, so that the name alone is enough.
  if (FOLDERS.some((folder) => `/${path}/`.includes(`/${folder}/`))) return 'folder';
  const name = path.slice(path.lastIndexOf('/') + 1);
  const partly = PARTLY.find((known) => known === name);
  if (partly) return partly;
  return NAMES.some((pattern) => pattern.test(name)) ? 'name' : null;
}

/** Whether a file is a makefile: build systems write those, too. */
export function isMakefile(path: string): boolean {
  return /(?:^|\/)(?:GNUmakefile|[Mm]akefile)$/.test(path);
}

/** Files at the top that are looked for where nobody tells which files a commit changes. */
export const KNOWN_AT_TOP: readonly string[] = [
  ...PARTLY,
  'GNUmakefile',
  'makefile',
  'Makefile',
  'mvnw',
  'gradlew',
  '.npmrc',
  'tsconfig.json',
  'jest.config.js',
  'pytest.ini',
  'tox.ini',
  'setup.cfg',
  '.coveragerc',
];

const TEST_FOLDER = /(?:^|\/)(?:__tests__|tests?|specs?|e2e)\//;
const TEST_NAME =
  /(?:[._-](?:test|tests|spec)\.\w+|(?:^|\/)test_[^/]*\.py|(?:Test|Tests|Spec|IT)\.(?:java|kt|cs|php|scala))$/;
const SOURCE = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|scala|cs|php|rb|feature)$/;

/** Whether a file is source code of tests, by its name. */
export function isTestFile(path: string): boolean {
  return SOURCE.test(path) && (TEST_NAME.test(path) || TEST_FOLDER.test(path));
}
