import { isAbsolute } from 'node:path';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ProcessCommandRunner, type CommandRunner } from '../command-runner/index.js';
import { SystemClock, messageOf, type Clock } from '../kernel/index.js';
import type { BaseMeasurement, BaseMeasurementStore } from './base-measurement-store.port.js';
import { BaseMeasurements } from './base-measurements.js';
import { changedLinesProblem } from './changed-lines-problem.js';
import { comparedWithBase } from './compare-with-base.js';
import { knownGates, type KnownGates } from './gate-definitions.js';
import type { GateMeasurement } from './gate-measurement.types.js';
import { clearGateEnvironments } from './gate-environment.js';
import { overlayGateFiles, type OverlaidFiles } from './gate-overlay.js';
import { failedResult } from './gate-result.js';
import { GateRunner } from './gate-runner.js';
import { InMemoryBaseMeasurementStore } from './in-memory-base-measurement-store.js';
import { GatesAbortedError, InvalidGateSubjectError } from './quality-gates.errors.js';
import {
  resolveQualityGatesOptions,
  type QualityGatesModuleOptions,
  type QualityGatesOptions,
} from './quality-gates.options.js';
import type { GateFault, GateResult, GateSubject, Verdict } from './quality-gates.types.js';
import type { DependencyCache } from './dependency-cache.port.js';
import { SetupDependencies, type SetupSurroundings } from './setup-dependencies.js';
import { withReachOfSetup } from './setup-reach.js';
import { ToolVersions } from './tool-versions.js';
import { verdictOf } from './verdict.js';

/**
 * Decides whether the work in one commit is done: by its build, lint, test and coverage, as the base commit defines them
 * and compared with what they say of the base commit itself.
 *
 * It decides and changes nothing but the checkout that it is given; who sends an agent back is not its business.
 */
export class QualityGatesService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(QualityGatesService.name);
  private readonly runner: GateRunner;
  private readonly bases: BaseMeasurements;
  private readonly tools: ToolVersions;

  constructor(
    private readonly options: QualityGatesOptions,
    commands: CommandRunner,
    private readonly clock: Clock,
    /** A command runner that is nobody else's: it ends with the app. */
    private readonly own: OnApplicationShutdown | null = null,
    measurements: BaseMeasurementStore = new InMemoryBaseMeasurementStore(),
    private readonly cache: DependencyCache | null = null,
  ) {
    this.runner = new GateRunner(commands, options, (sentence) => this.logger.warn(sentence));
    this.bases = new BaseMeasurements(measurements, this.runner, clock, (surroundings) =>
      this.dependencies(surroundings, true),
    );
    this.tools = new ToolVersions(commands, options.path);
  }

  /** A judge without Nest. */
  static alone(given: QualityGatesModuleOptions = {}): QualityGatesService {
    const { clock = new SystemClock() } = given;
    const options = resolveQualityGatesOptions(given);
    const { commandRunner, baseMeasurements, dependencyCache } = given;
    const own = commandRunner ? null : new ProcessCommandRunner();
    const commands = commandRunner ?? own ?? new ProcessCommandRunner();
    return new QualityGatesService(options, commands, clock, own, baseMeasurements, dependencyCache);
  }

  async onModuleInit(): Promise<void> {
    const { folder } = this.options;
    if (folder === null) return;
    await clearGateEnvironments(folder).catch((error: unknown) => {
      this.logger.warn(`What earlier gates left in ${folder} could not be removed: ${messageOf(error)}`);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.own?.onApplicationShutdown();
  }

  /**
   * Runs the gates on a commit. Never rejects for what a gate did or for a failure of its own: both are failed verdicts,
   * apart by their `fault`.
   *
   * @throws {InvalidGateSubjectError} if the subject names no commit or no absolute checkout
   * @throws {GatesAbortedError} if the subject's signal is aborted before there is a verdict
   */
  async judge(subject: GateSubject): Promise<Verdict> {
    const { commit, checkout, base = null } = subject;
    if (![commit, base?.commit ?? commit].every((name) => /^[0-9a-f]{40}$/.test(name)) || !isAbsolute(checkout)) {
      const got = `commit ${JSON.stringify(commit)} in ${JSON.stringify(checkout)}`;
      throw new InvalidGateSubjectError(`Expected 40 hexadecimal digits and an absolute path, got ${got}`);
    }
    let known: KnownGates;
    let files: OverlaidFiles;
    try {
      known = await knownGates(subject.readBaseFile, this.options.defaults, this.options.gateTimeoutMs);
      if ('problem' in known) return this.undefinedVerdict(commit, 'definition', known);
      files = await overlayGateFiles(subject);
      if ('problem' in files) {
        return this.undefinedVerdict(commit, 'change', { ...files, advice: '', origin: 'the commit itself' });
      }
    } catch (error) {
      const problem = `The coordinator could not find out which gates there are: ${messageOf(error)}`;
      return this.undefinedVerdict(commit, 'coordinator', { problem, advice: '', origin: 'the base commit' });
    }
    const tools = await this.tools.of(known.gates);
    let before: BaseMeasurement | null;
    let diff: string | null = null;
    try {
      if (known.gates.some(({ changedLines }) => changedLines !== null)) diff = await this.diffOf(subject);
      before = base && (await this.bases.of(base, known.gates, tools, subject));
    } catch (error) {
      if (error instanceof GatesAbortedError) throw error;
      const problem = `The coordinator could not measure the base commit: ${messageOf(error)}`;
      return this.undefinedVerdict(commit, 'coordinator', { problem, advice: '', origin: 'the base commit' });
    }
    const dependencies =
      base && this.dependencies({ repository: base.repository, tools, readBaseFile: subject.readBaseFile }, false);
    const results = await this.run(known, subject, before, diff, dependencies);
    return {
      ...verdictOf(commit, results, this.clock.now(), remarkOn(files.touched)),
      ...(files.touched.length > 0 ? { gateFilesTouched: files.touched } : {}),
      ...(Object.keys(tools).length > 0 ? { tools } : {}),
      ...(base && before ? { base: { commit: base.commit, failed: failedOf(before) } } : {}),
    };
  }

  private async run(
    { gates, base: policy }: Extract<KnownGates, { gates: unknown }>,
    subject: GateSubject,
    before: BaseMeasurement | null,
    diff: string | null,
    dependencies: SetupDependencies | null,
  ): Promise<readonly GateResult[]> {
    const measured = new Map<string, GateMeasurement>();
    const onMeasured = (gate: string, measurement: GateMeasurement): void => {
      measured.set(gate, measurement);
      subject.onMeasured?.(gate, measurement);
    };
    const results = await this.runner.run(gates, { ...subject, onMeasured }, dependencies);
    let setup: GateResult | null = null;
    return results.map((result, at) => {
      const definition = gates[at];
      const measurement = measured.get(result.gate);
      // What was not run because of a setup is the fault of whoever that is.
      if (setup && measurement === undefined) return { ...result, fault: setup.fault };
      if (definition === undefined || measurement === undefined) return result;
      const known = before?.gates.find(({ gate }) => gate === result.gate);
      const compared = known
        ? comparedWithBase({ definition, result, measured: measurement, base: known, policy })
        : result;
      if (definition.kind !== 'setup') {
        return withChangedLines(compared, measurement, definition.changedLines, diff);
      }
      const reached = withReachOfSetup(compared, {
        changedFiles: subject.changedFiles ?? null,
        failsOnBase: known?.passed === false,
        hasNetwork: this.options.network !== null,
      });
      if (definition.isRequired && !reached.passed) setup ??= reached;
      return reached;
    });
  }

  private dependencies(surroundings: SetupSurroundings, isOfBase: boolean): SetupDependencies | null {
    const { cache } = this;
    return cache && new SetupDependencies(cache, surroundings, isOfBase, (sentence) => this.logger.warn(sentence));
  }

  private diffOf({ diff, commit }: GateSubject): Promise<string | null> {
    if (diff) return diff();
    this.logger.warn(`Nobody tells the diff of commit ${commit}, so that changed_lines fails`);
    return Promise.resolve(null);
  }

  /** Work that cannot be judged has failed its tests: those are required of every repository. */
  private undefinedVerdict(
    commit: string,
    fault: GateFault,
    { problem, advice, origin }: { readonly problem: string; readonly advice: string; readonly origin: string },
  ): Verdict {
    const result = failedResult({ name: 'test', argv: [], origin, isRequired: true }, fault, problem, advice);
    return verdictOf(commit, [result], this.clock.now());
  }
}

function remarkOn(touched: readonly string[]): string | null {
  if (touched.length === 0) return null;
  const shown =
    touched.length > 5 ? `${touched.slice(0, 5).join(', ')} and ${touched.length - 5} more` : touched.join(', ');
  return `Gate files touched: ${shown}; the gates ran with what the base commit has, and a person decides on the change`;
}

function failedOf({ gates }: BaseMeasurement): readonly string[] {
  return gates.filter(({ passed }) => !passed).map(({ gate }) => gate);
}

function withChangedLines(
  result: GateResult,
  { coverage }: GateMeasurement,
  demanded: number | null,
  diff: string | null,
): GateResult {
  const problem = demanded === null ? null : changedLinesProblem(diff, coverage, demanded);
  if (problem === null) return result;
  const summary = result.passed ? problem.summary : `${result.summary}; ${problem.summary}`;
  return { ...result, passed: false, fault: result.fault ?? problem.fault, summary };
}
