import type { Placed } from './configuration-document.js';
import { PlacedReading } from './placed-reading.js';
import type { CachedDependencies } from './dependency-cache.port.js';
import type { ConfigurationMistake } from './quality-gates.errors.js';
import { GATE_KINDS, type GateDefinition, type GateKind } from './quality-gates.types.js';
import { isPattern, patternMistake } from './report-pattern.js';

const MAX_TIMEOUT_MS = 6 * 3_600_000;
const MAX_RETRIES = 3;
const MAX_OWN_GATES = 20;
const MAX_CACHED = 20;
/** Short enough for the context of a commit status, and nothing that a shell or Markdown would read. */
const OWN_NAME = /^[a-z][a-z0-9-]{0,29}$/;
/** A script, as it is run: the first command that fails ends it. */
export const SCRIPT_SHELL = ['bash', '-euo', 'pipefail', '-c'] as const;

/** Which keys only some gates have: nobody would read the report of a build, or keep what it downloads. */
const REPORT_KEYS: Readonly<Record<GateKind, readonly string[]>> = {
  setup: ['cache'],
  build: [],
  lint: [],
  test: ['report'],
  coverage: ['report', 'threshold', 'max_fall', 'changed_lines'],
};

/**
 * Reads the mapping `gates`. A gate with a name of the repository's own says in `phase` when it runs and how it is read;
 * without that key its name is taken for a misspelt one.
 */
export class GateDeclarations extends PlacedReading {
  constructor(
    private readonly source: string,
    private readonly gateTimeoutMs: number,
    mistakes: ConfigurationMistake[],
  ) {
    super(mistakes);
  }

  /** In the order in which they run: by phase, the repository's own ones behind the one that the phase is named after. */
  gates(placed: Placed): readonly GateDefinition[] {
    const declared = this.mapping(placed, 'gates', GATE_KINDS, (name, gate) => this.isOwn(name, gate));
    if (!declared.has('test')) this.mistake(placed, 'gates.test is missing: a test gate is always required');
    const definitions: GateDefinition[] = [];
    let own = 0;
    for (const [name, gate] of declared) {
      const kind = GATE_KINDS.find((known) => known === name) ?? this.phase(gate);
      if (kind === null) continue;
      if (kind !== name) own += 1;
      const definition = this.gate(name, kind, gate);
      if (definition) definitions.push(definition);
    }
    if (own > MAX_OWN_GATES) this.mistake(placed, `gates may hold at most ${MAX_OWN_GATES} of the repository's own`);
    const place = ({ name, kind }: GateDefinition): number => 2 * GATE_KINDS.indexOf(kind) + (name === kind ? 0 : 1);
    return definitions.sort((a, b) => place(a) - place(b));
  }

  private isOwn(name: string, { value, line }: Placed): boolean {
    if (!(value instanceof Map) || !value.has('phase')) return false;
    if (!OWN_NAME.test(name)) {
      this.mistake(
        { value: null, line },
        `${JSON.stringify(name)} must be a name such as type-check: at most 30 of a-z, 0-9 and -`,
      );
    }
    return true;
  }

  /** Null for what is no gate of the repository's own; that has been said by then. */
  private phase({ value }: Placed): GateKind | null {
    const phase = value instanceof Map ? (value as ReadonlyMap<string, Placed>).get('phase') : undefined;
    if (phase === undefined) return null;
    const kind = GATE_KINDS.find((known) => known === phase.value);
    if (kind === undefined) this.mistake(phase, `A phase must be one of ${GATE_KINDS.join(', ')}`);
    return kind ?? null;
  }

  private gate(name: string, kind: GateKind, placed: Placed): GateDefinition | null {
    const place = `gates.${name}`;
    if (placed.value === 'off' || placed.value === false) {
      if (name === 'test') this.mistake(placed, 'gates.test cannot be off: a test gate is always required');
      return null;
    }
    const isShort = typeof placed.value === 'string';
    const ownKeys = name === kind ? [] : ['phase'];
    const known = [...ownKeys, 'run', 'directory', 'timeout', 'required', 'retries', ...REPORT_KEYS[kind]];
    const given = isShort ? new Map([['run', placed]]) : this.mapping(placed, place, known);
    if (!isShort && !(placed.value instanceof Map)) return null;
    const argv = this.argv(given.get('run') ?? { value: null, line: placed.line }, `${place}.run`);
    const timeout = given.get('timeout');
    const cache = given.get('cache');
    return (
      argv && {
        name,
        kind,
        argv,
        directory: this.path(given.get('directory'), `${place}.directory`, 'packages/server'),
        timeoutMs: (timeout && this.duration(timeout, `${place}.timeout`, MAX_TIMEOUT_MS)) ?? this.gateTimeoutMs,
        report: this.report(given.get('report'), `${place}.report`),
        threshold: this.number(given.get('threshold'), `${place}.threshold`, 0, 100),
        maxFall: this.number(given.get('max_fall'), `${place}.max_fall`, 0, 100),
        changedLines: this.number(given.get('changed_lines'), `${place}.changed_lines`, 0, 100),
        isRequired: this.isRequired(name, given.get('required')),
        ...(cache ? { cache: this.cache(cache, `${place}.cache`) } : {}),
        retries: this.wholeNumber(given.get('retries'), `${place}.retries`, MAX_RETRIES, 0) ?? 0,
        origin: `${this.source}, line ${placed.line}: ${place}`,
      }
    );
  }

  private isRequired(name: string, placed: Placed | undefined): boolean {
    if (placed === undefined) return true;
    if (typeof placed.value !== 'boolean') this.mistake(placed, `gates.${name}.required must be true or false`);
    if (name === 'test' && placed.value === false) {
      this.mistake(placed, 'gates.test.required cannot be false: a test gate is always required');
    }
    return placed.value !== false;
  }

  private argv(placed: Placed, name: string): readonly [string, ...string[]] | null {
    const { value } = placed;
    if (typeof value === 'string' && value.trim() !== '' && !value.includes('\0')) return [...SCRIPT_SHELL, value];
    if (Array.isArray(value)) {
      const words = (value as readonly Placed[]).map((word) => word.value);
      const [program, ...rest] = words.filter((word) => typeof word === 'string' && !word.includes('\0')) as string[];
      if (program && rest.length === words.length - 1) return [program, ...rest];
    }
    this.mistake(placed, `${name} must be a script, or a list of texts: a program and its arguments`);
    return null;
  }
  private cache(placed: Placed, name: string): CachedDependencies {
    const given = this.mapping(placed, name, ['key', 'paths']);
    const list = (key: string, example: string): readonly string[] => {
      const value = given.get(key)?.value;
      const paths: readonly Placed[] = Array.isArray(value) ? value : [];
      if (paths.length === 0 || paths.length > MAX_CACHED)
        this.mistake(
          given.get(key) ?? placed,
          `${name}.${key} must be a list of 1 to ${MAX_CACHED} paths, such as ${example}`,
        );
      return paths.flatMap((path) => this.path(path, `${name}.${key}`, example) ?? []);
    };
    return {
      key: list('key', 'package-lock.json'),
      paths: list('paths', '.npm/_cacache, which is below the home of the gates'),
    };
  }

  private report(placed: Placed | undefined, name: string): string | null {
    const path = this.path(placed, name, 'coverage/lcov.info');
    const mistake = placed && path !== null && isPattern(path) ? patternMistake(path) : null;
    if (placed && mistake !== null) this.mistake(placed, `${name} ${mistake}`);
    return path;
  }
  private path(placed: Placed | undefined, name: string, example: string): string | null {
    const path = this.text(placed, name, 500);
    if (placed === undefined || path === null) return null;
    const isInside = /^[^/\\\0]/.test(path) && !path.split('/').some((part) => ['', '.', '..', '.git'].includes(part));
    if (!isInside || /[\\\p{Cc}]/u.test(path)) {
      this.mistake(placed, `${name} must be a path inside the repository, such as ${example}`);
      return null;
    }
    return path;
  }
}
