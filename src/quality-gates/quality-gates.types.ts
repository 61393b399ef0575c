import type { CachedDependencies } from './dependency-cache.port.js';
import type { GateMeasurement } from './gate-measurement.types.js';

export const GATE_KINDS = ['setup', 'build', 'lint', 'test', 'coverage'] as const;
/**
 * What a gate checks, which says when it runs and what is read of it. *setup* prepares the checkout (installs
 * dependencies) and is checked like the others.
 */
export type GateKind = (typeof GATE_KINDS)[number];

/** One mechanical check, as trusted configuration declares it or detection found it. */
export interface GateDefinition {
  /** Unlike that of any other gate of the repository; of the four that every repository can have, the kind. */
  readonly name: string;
  readonly kind: GateKind;
  /** The program and its arguments. A script is `['bash', '-euo', 'pipefail', '-c', script]`. */
  readonly argv: readonly [string, ...string[]];
  /** Where it runs, relative to the checkout; null for the checkout itself. */
  readonly directory: string | null;
  readonly timeoutMs: number;
  /**
   * A report file to read numbers from, relative to the checkout, or a pattern with `*` and `**` for several; null when
   * they are read from the output.
   */
  readonly report: string | null;
  /** For coverage: per cent of lines that must be covered, 0 to 100. */
  readonly threshold: number | null;
  /** For coverage: how many points of per cent it may fall below the base commit's; null for the default. */
  readonly maxFall: number | null;
  /** For coverage: per cent of the changed lines with code that must be covered, 0 to 100; null: nothing is demanded. */
  readonly changedLines: number | null;
  /** False for an advisory gate: its failure is told and decides nothing. */
  readonly isRequired: boolean;
  /** How often it is run again when it fails, because it is known to fail by chance. */
  readonly retries: number;
  /** Of a setup: which of its downloads are kept for the next one. Left out: none. */
  readonly cache?: CachedDependencies;
  /** Why this gate exists: the file and key that declare it, or what was detected. */
  readonly origin: string;
}

export const BASE_POLICIES = ['must_not_worsen', 'must_pass'] as const;
/**
 * What is demanded where a gate fails on the base commit already. *must_not_worsen*: that the commit breaks nothing more.
 * *must_pass*: that it passes all the same.
 */
export type BasePolicy = (typeof BASE_POLICIES)[number];

/** A test that failed, as a report or an output names it. */
export interface TestFailure {
  readonly name: string;
  /** The first lines of what it told; empty where it told nothing. */
  readonly message: string;
}

export const GATE_FAULTS = ['change', 'definition', 'coordinator'] as const;
/**
 * Whose fault a failure is, which decides who can mend it. *change*: the agent, by another round. *definition*: a person,
 * because the gate's definition on the base branch is missing or wrong, or its program is not installed. *coordinator*:
 * nobody but the coordinator, by trying again.
 */
export type GateFault = (typeof GATE_FAULTS)[number];

/** What a gate says of one commit. Anything but an exit code of 0 with the numbers that belong to it is a failure. */
export interface GateResult {
  /** The gate's name. */
  readonly gate: string;
  readonly passed: boolean;
  /** Null when it passed. */
  readonly fault: GateFault | null;
  /** One sentence: why it failed, or what was seen. */
  readonly summary: string;
  readonly argv: readonly string[];
  readonly exitCode: number | null;
  readonly durationMs: number;
  /** Numbers read from output or report; null where there are none. */
  readonly testsRun: number | null;
  readonly testsFailed: number | null;
  /** How many tests were skipped; null or left out where it is not told. */
  readonly testsSkipped?: number | null;
  /**
   * The failing tests that are known by name, each once and not all of many, and those of the base commit that are missing
   * or skipped. What failed on the base commit too is not among them. Left out where there is none.
   */
  readonly failures?: readonly TestFailure[];
  readonly coveredPercent: number | null;
  /** What it printed, bounded: head and tail. Without colours, and without the checkout's path. */
  readonly evidence: string;
  readonly origin: string;
  /** Whether it decides nothing. Left out for a gate that is required. */
  readonly isAdvisory?: true;
  /** How often it was run; left out where it was run once, or not at all. */
  readonly attempts?: number;
  /**
   * Whether it is red and was so on the base commit. With `passed`: it was forgiven, because it is no worse. Left out where
   * it is green, or was so, or that is not known.
   */
  readonly isRedOnBase?: true;
  /** The lines of its output that the base commit's does not have, not all of many; of a gate that fails there too. */
  readonly newLines?: readonly string[];
}

/** What all gates say of one commit. */
export interface Verdict {
  readonly commit: string;
  readonly passed: boolean;
  /**
   * Null when it passed. *change* if the agent can mend any of it; else another round is useless, and a person or another
   * attempt is needed.
   */
  readonly fault: GateFault | null;
  /** One sentence. */
  readonly summary: string;
  readonly results: readonly GateResult[];
  /** Milliseconds since 1970. */
  readonly decidedAt: number;
  /**
   * The files that define gates and that the commit has otherwise than the base commit, whose they were judged with. Left
   * out where there is none.
   */
  readonly gateFilesTouched?: readonly string[];
  /** The versions of the programs that the gates name, by program. Left out where none is known. */
  readonly tools?: Readonly<Record<string, string>>;
  /** The base commit that it was compared with, and the gates that fail there. Left out where it was with none. */
  readonly base?: { readonly commit: string; readonly failed: readonly string[] };
}

/** A file that a commit has otherwise than its base commit. One that was renamed is a deleted and an added one. */
export interface FileOfCommit {
  /** Relative to the top of the repository. */
  readonly path: string;
  readonly change: 'added' | 'changed' | 'deleted';
}

/** The base commit, to be judged itself. */
export interface GateBase {
  /** 40 hexadecimal digits. */
  readonly commit: string;
  /** `owner/repo`: results are remembered for each repository. */
  readonly repository: string;
  /** A clean checkout of it in a new directory, absolute. Asked for once at most. */
  readonly checkout: () => Promise<{ readonly directory: string; remove(): Promise<void> }>;
}

/** What is judged, and by which rules. */
export interface GateSubject {
  /** The commit to judge, 40 hexadecimal digits. */
  readonly commit: string;
  /** A clean checkout of exactly that commit, absolute. The gates may write in it. */
  readonly checkout: string;
  /** Reads a file of the pinned base commit; null where there is none. Gate definitions come from here alone. */
  readonly readBaseFile: (path: string) => Promise<string | null>;
  /** Every path of the base commit. Left out, an added file is taken for one that shadows what was there. */
  readonly listBaseFiles?: () => Promise<readonly string[]>;
  /** What the commit changes. Left out, the files that define gates are looked for at the top alone. */
  readonly changedFiles?: readonly FileOfCommit[];
  /** The unified diff of the commit against its base; null where that is too large. Asked for where a gate needs it. */
  readonly diff?: () => Promise<string | null>;
  /** What the commit is compared with. Null or left out: with nothing, so that no gate's redness is held to be old. */
  readonly base?: GateBase | null;
  /**
   * Told what each gate's tests and coverage were, whole: every test by name, every line. A verdict holds numbers and
   * failures alone, because it is stored and shown. Of a gate that is run again the last one counts.
   */
  readonly onMeasured?: (gate: string, measured: GateMeasurement) => void;
  /** Ends the gates early. */
  readonly signal?: AbortSignal;
}
