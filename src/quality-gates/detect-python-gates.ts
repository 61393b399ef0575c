import {
  detected,
  firstOf,
  firstSign,
  REPORT_NAME,
  withCache,
  type DetectedGate,
  type ReadBaseFile,
  type Sign,
} from './detected-gate.js';
import { SCRIPT_SHELL } from './gate-declarations.js';
import type { GateDefinition } from './quality-gates.types.js';

/** Where a tool stands among the dependencies of a project, whatever manages these. */
const dependency = (tool: string): readonly Sign[] => [
  [
    'pyproject.toml',
    new RegExp(`["']${tool}\\b|^\\s*${tool}\\s*=`, 'm'),
    `${tool} among the dependencies in pyproject.toml`,
  ],
  ...REQUIREMENTS.map((path): Sign => [path, new RegExp(`^${tool}\\b`, 'm'), `${tool} in ${path}`]),
];
const REQUIREMENTS = ['requirements-dev.txt', 'dev-requirements.txt', 'requirements-test.txt', 'requirements.txt'];

const PYTEST: readonly Sign[] = [
  ['pytest.ini', /^/, 'a pytest.ini'],
  ['pyproject.toml', /^\s*\[tool\.pytest/m, '[tool.pytest…] in pyproject.toml'],
  ['setup.cfg', /^\s*\[tool:pytest\]/m, '[tool:pytest] in setup.cfg'],
  ['tox.ini', /^\s*\[pytest\]/m, '[pytest] in tox.ini'],
  ...dependency('pytest'),
];
const RUFF: readonly Sign[] = [
  ['ruff.toml', /^/, 'a ruff.toml'],
  ['.ruff.toml', /^/, 'a .ruff.toml'],
  ['pyproject.toml', /^\s*\[tool\.ruff/m, '[tool.ruff…] in pyproject.toml'],
  ...dependency('ruff'),
];
const MYPY: readonly Sign[] = [
  ['mypy.ini', /^/, 'a mypy.ini'],
  ['.mypy.ini', /^/, 'a .mypy.ini'],
  ['pyproject.toml', /^\s*\[tool\.mypy/m, '[tool.mypy…] in pyproject.toml'],
  ['setup.cfg', /^\s*\[mypy\]/m, '[mypy] in setup.cfg'],
  ...dependency('mypy'),
];
/** Settings that say what mypy looks at; without one of them it must be told. */
const MYPY_SUBJECT = /^\s*(?:files|packages|modules)\s*=/m;

/** How the programs of a project are installed and then found. */
interface Installation {
  readonly setup: DetectedGate | null;
  /** What stands before `-m pytest`. */
  readonly python: GateDefinition['argv'];
}

/** The gates of a Python project: pytest, ruff, and mypy as a gate of its own, each where the project names it. */
export async function detectPythonGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  const [pytest, ruff, mypy] = [
    await firstSign(read, PYTEST),
    await firstSign(read, RUFF),
    await firstSign(read, MYPY),
  ];
  if (pytest === null && ruff === null && mypy === null) return [];
  const { setup, python } = await installation(read);
  const report = `${REPORT_NAME}.xml`;
  const subject = (await mypySubject(read)) ? [] : ['.'];
  return [
    ...(setup ? [setup] : []),
    ...(ruff === null ? [] : [detected('lint', [...python, '-m', 'ruff', 'check', '.'], ruff)]),
    ...(mypy === null ? [] : [detected(['types', 'lint'], [...python, '-m', 'mypy', ...subject], mypy)]),
    ...(pytest === null ? [] : [detected('test', [...python, '-m', 'pytest', `--junitxml=${report}`], pytest, report)]),
  ];
}

async function mypySubject(read: ReadBaseFile): Promise<boolean> {
  const settings = await firstOf(read, ['mypy.ini', '.mypy.ini']);
  if (settings) return MYPY_SUBJECT.test(settings.text);
  const section = /^\s*\[tool\.mypy\]([^[]*)/m.exec((await read('pyproject.toml')) ?? '');
  return MYPY_SUBJECT.test(section?.[1] ?? '');
}

/** A lock file says it best; else whatever lists requirements goes into an environment of the checkout's own. */
async function installation(read: ReadBaseFile): Promise<Installation> {
  const tools: readonly (readonly [lock: string, setup: GateDefinition['argv'], python: GateDefinition['argv']])[] = [
    [
      'uv.lock',
      ['uv', 'sync', '--frozen', '--all-extras', '--all-groups'],
      ['uv', 'run', '--frozen', '--no-sync', 'python'],
    ],
    ['poetry.lock', ['poetry', 'install', '--no-interaction', '--all-extras'], ['poetry', 'run', 'python']],
    ['Pipfile.lock', ['pipenv', 'sync', '--dev'], ['pipenv', 'run', 'python']],
  ];
  for (const [lock, setup, python] of tools) {
    if ((await read(lock)) !== null) return { setup: detected('setup', setup, `a ${lock}`), python };
  }
  const lists = [];
  for (const path of REQUIREMENTS) if ((await read(path)) !== null) lists.push(path);
  const project = (await read('pyproject.toml')) ?? '';
  const extras = ['dev', 'test', 'tests'].filter((extra) => extraIn(project, extra));
  const isProject = /^\s*\[build-system\]/m.test(project) || (await read('setup.py')) !== null;
  const words = [
    ...lists.flatMap((path) => ['-r', path]),
    ...(isProject ? ['-e', extras.length > 0 ? `'.[${extras.join(',')}]'` : '.'] : []),
  ];
  if (words.length === 0) return { setup: null, python: ['python3'] };
  // Tools that the machine has and the project does not name are found through the system's packages.
  const script = [
    'python3 -m venv --system-site-packages .venv',
    `.venv/bin/python -m pip install --quiet --disable-pip-version-check --prefer-binary ${words.join(' ')}`,
  ].join('\n');
  const why = [...lists, ...(isProject ? ['a project that can be installed'] : [])].join(', ');
  const setup = detected('setup', [...SCRIPT_SHELL, script], why);
  const key = [...lists, ...(isProject ? ['pyproject.toml', 'setup.py', 'setup.cfg'] : [])];
  return { setup: withCache(setup, key, ['.cache/pip']), python: ['.venv/bin/python'] };
}

function extraIn(project: string, extra: string): boolean {
  const section = /^\s*\[project\.optional-dependencies\]([^]*?)(?=^\s*\[|(?![^]))/m.exec(project);
  return new RegExp(`^\\s*${extra}\\s*=`, 'm').test(section?.[1] ?? '');
}
