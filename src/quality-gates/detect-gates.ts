import type { DetectedGate, ReadBaseFile } from './detected-gate.js';
import { detectNodeGates } from './detect-node-gates.js';
import type { GateDefinition, GateKind } from './quality-gates.types.js';

const DETECTIONS: readonly ((read: ReadBaseFile) => Promise<readonly DetectedGate[]>)[] = [
  detectNodeGates,
  detectPythonGates,
  detectGoGates,
  detectRustGates,
];

/**
 * Finds out how a repository that declares nothing is built and tested, from files of its base commit alone. The first
 * toolchain with a test gate wins (Node, Python, Go, Rust); without one, the gates of the first that has any. Each says
 * in its origin what it was concluded from.
 */
export async function detectGates(read: ReadBaseFile, timeoutMs: number): Promise<readonly GateDefinition[]> {
  let fallback: readonly DetectedGate[] = [];
  for (const detect of DETECTIONS) {
    const gates = await detect(read);
    if (gates.some(({ kind }) => kind === 'test')) return gates.map((gate) => defined(gate, timeoutMs));
    if (fallback.length === 0) fallback = gates;
  }
  return fallback.map((gate) => defined(gate, timeoutMs));
}

function defined(gate: DetectedGate, timeoutMs: number): GateDefinition {
  return { ...gate, timeoutMs, report: null, threshold: null };
}

const PYTEST_SIGNS: readonly (readonly [path: string, sign: RegExp, what: string])[] = [
  ['pytest.ini', /^/, 'a pytest.ini'],
  ['pyproject.toml', /^\s*\[tool\.pytest/m, '[tool.pytest…] in pyproject.toml'],
  ['setup.cfg', /^\s*\[tool:pytest\]/m, '[tool:pytest] in setup.cfg'],
  ['tox.ini', /^\s*\[pytest\]/m, '[pytest] in tox.ini'],
  ['pyproject.toml', /["']pytest\b/, 'pytest among the dependencies in pyproject.toml'],
  ['requirements-dev.txt', /^pytest\b/m, 'pytest in requirements-dev.txt'],
  ['requirements.txt', /^pytest\b/m, 'pytest in requirements.txt'],
];

async function detectPythonGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  for (const [path, sign, what] of PYTEST_SIGNS) {
    const text = await read(path);
    if (text !== null && sign.test(text)) return [detected('test', ['python3', '-m', 'pytest'], what)];
  }
  return [];
}

async function detectGoGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  if ((await read('go.mod')) === null) return [];
  const why = 'a go.mod at the top';
  return [
    detected('build', ['go', 'build', './...'], why),
    detected('lint', ['go', 'vet', './...'], why),
    // Without -v Go prints no number of tests.
    detected('test', ['go', 'test', '-v', './...'], why),
  ];
}

async function detectRustGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  if ((await read('Cargo.toml')) === null) return [];
  const why = 'a Cargo.toml at the top';
  return [
    detected('build', ['cargo', 'build', '--workspace'], why),
    detected('test', ['cargo', 'test', '--workspace'], why),
  ];
}

function detected(kind: GateKind, argv: GateDefinition['argv'], why: string): DetectedGate {
  return { kind, argv, origin: `detected from ${why}` };
}
