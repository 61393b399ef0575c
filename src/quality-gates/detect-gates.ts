import { detectDotnetGates } from './detect-dotnet-gates.js';
import { detectJavaGates } from './detect-java-gates.js';
import { detectMakeGates } from './detect-make-gates.js';
import { detectNodeGates } from './detect-node-gates.js';
import { detectPhpGates } from './detect-php-gates.js';
import { detectPythonGates } from './detect-python-gates.js';
import { detected, firstOf, withCache, type DetectedGate, type ReadBaseFile } from './detected-gate.js';
import type { GateDefinition } from './quality-gates.types.js';

/** Where programs keep what they downloaded, before it is unpacked: go.dev/ref/mod, doc.rust-lang.org/cargo. */
const GO_DOWNLOADS = ['go/pkg/mod/cache/download'];
const CRATES = ['.cargo/registry/cache', '.cargo/registry/index'];

const DETECTIONS: readonly ((read: ReadBaseFile) => Promise<readonly DetectedGate[]>)[] = [
  detectNodeGates,
  detectPythonGates,
  detectGoGates,
  detectRustGates,
  detectJavaGates,
  detectPhpGates,
  detectDotnetGates,
  detectMakeGates,
];

/**
 * Finds out how a repository that declares nothing is built and tested, from files at the top of its base commit alone.
 * The first toolchain with a test gate wins (Node, Python, Go, Rust, Java, PHP, .NET, Make); without one, the gates of
 * the first that has any. Each says in its origin what it was concluded from.
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
  const unsaid = { threshold: null, maxFall: null, changedLines: null };
  return { ...gate, ...unsaid, directory: null, timeoutMs, isRequired: true, retries: 0 };
}

async function detectGoGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  if ((await read('go.mod')) === null) return [];
  const why = 'a go.mod at the top';
  const hasDependencies = (await read('go.sum')) !== null;
  return [
    ...(hasDependencies
      ? [withCache(detected('setup', ['go', 'mod', 'download'], 'a go.sum at the top'), ['go.sum'], GO_DOWNLOADS)]
      : []),
    detected('build', ['go', 'build', './...'], why),
    detected('lint', ['go', 'vet', './...'], why),
    // Without -v Go prints no number of tests.
    detected('test', ['go', 'test', '-v', './...'], why),
  ];
}

async function detectRustGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  if ((await read('Cargo.toml')) === null) return [];
  const why = 'a Cargo.toml at the top';
  const isLocked = (await read('Cargo.lock')) !== null;
  const clippy = await firstOf(read, ['clippy.toml', '.clippy.toml']);
  const lint: GateDefinition['argv'] = ['cargo', 'clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'];
  return [
    ...(isLocked
      ? [
          withCache(
            detected('setup', ['cargo', 'fetch', '--locked'], 'a Cargo.lock at the top'),
            ['Cargo.lock'],
            CRATES,
          ),
        ]
      : []),
    detected('build', ['cargo', 'build', '--workspace'], why),
    ...(clippy ? [detected('lint', lint, `a ${clippy.path}`)] : []),
    // Else it ends with the first crate that fails.
    detected('test', ['cargo', 'test', '--workspace', '--no-fail-fast'], why),
  ];
}
