import { realpath } from 'node:fs/promises';
import type { CommandRunner, Confinement } from '../command-runner/index.js';
import { messageOf } from '../kernel/index.js';
import { makeGateEnvironment, removeGateEnvironment, type GateEnvironment } from './gate-environment.js';
import { gateDirectory } from './gate-directory.js';
import { failedResult, gateResult, type EvidenceRules } from './gate-result.js';
import { GuardedFiles } from './guarded-files.js';
import { GatesAbortedError } from './quality-gates.errors.js';
import type { QualityGatesOptions } from './quality-gates.options.js';
import type { GateDefinition, GateResult, GateSubject } from './quality-gates.types.js';
import type { SetupDependencies } from './setup-dependencies.js';
import { readReport, removeStaleReport } from './report-file.js';

/**
 * Runs gates one after the other in one checkout and gathers what they say.
 *
 * A failed setup ends it: what would run without its dependencies says nothing. Any other gate runs whatever became of
 * those before it, so that an agent sees everything that is wrong at once.
 */
export class GateRunner {
  constructor(
    private readonly commands: CommandRunner,
    private readonly options: QualityGatesOptions,
    /** Told of what went wrong beside the verdict. */
    private readonly warn: (sentence: string) => void,
    private readonly makeEnvironment = makeGateEnvironment,
  ) {}

  /**
   * One result for each definition, in their order.
   *
   * @param dependencies what earlier setups downloaded; null: nothing is kept
   * @throws {GatesAbortedError} if the subject's signal is aborted, or the runner of commands shuts down
   */
  async run(
    definitions: readonly GateDefinition[],
    subject: GateSubject,
    dependencies: Pick<SetupDependencies, 'around'> | null = null,
  ): Promise<readonly GateResult[]> {
    let environment: GateEnvironment;
    let checkout: string;
    try {
      checkout = await realpath(subject.checkout);
      environment = await this.makeEnvironment(this.options.path, this.options.environment, this.options.folder);
    } catch (error) {
      const sentence = `The coordinator could not make the checkout and a home ready: ${messageOf(error)}`;
      return definitions.map((definition) => failedResult(definition, 'coordinator', sentence, ''));
    }
    try {
      for (const { report } of definitions) if (report !== null) await removeStaleReport(checkout, report);
      const { HOME: home = environment.folder } = environment.variables;
      const guarded = await GuardedFiles.of(checkout, home, definitions, subject);
      const judged = { ...subject, checkout };
      return await this.runEach(
        definitions,
        (definition) => {
          const run = () => this.runRepeatedly(definition, judged, environment, guarded);
          return dependencies ? dependencies.around(definition, home, run) : run();
        },
        guarded,
      );
    } catch (error) {
      if (error instanceof GatesAbortedError) throw error;
      const sentence = `The coordinator could not keep the files of the gates: ${messageOf(error)}`;
      return definitions.map((definition) => failedResult(definition, 'coordinator', sentence, ''));
    } finally {
      await removeGateEnvironment(environment).catch((error: unknown) => {
        this.warn(`The folder ${environment.folder} of finished gates could not be removed: ${messageOf(error)}`);
      });
    }
  }

  private async runEach(
    definitions: readonly GateDefinition[],
    run: (definition: GateDefinition) => Promise<GateResult>,
    guarded: GuardedFiles,
  ): Promise<readonly GateResult[]> {
    const results: GateResult[] = [];
    let setup: GateResult | null = null;
    let isSetUp = false;
    for (const definition of definitions) {
      if (definition.kind !== 'setup' && !isSetUp) {
        await guarded.setUp();
        isSetUp = true;
      }
      const result: GateResult = setup
        ? failedResult(definition, setup.fault ?? 'change', `It was not run, because ${setup.gate} failed`, '')
        : await run(definition);
      if (definition.kind === 'setup' && definition.isRequired && !result.passed) setup ??= result;
      results.push(result);
    }
    return results;
  }

  /** What only a person or the coordinator can mend is not run again. */
  private async runRepeatedly(
    definition: GateDefinition,
    subject: GateSubject,
    environment: GateEnvironment,
    guarded: GuardedFiles,
  ): Promise<GateResult> {
    await guarded.restore();
    // A coverage gate may read what the tests wrote. Nothing that ran before the tests may tell how they ended.
    if (definition.kind === 'test' && definition.report !== null)
      await removeStaleReport(subject.checkout, definition.report);
    let result = await this.runOne(definition, subject, environment);
    for (let attempts = 2; attempts <= definition.retries + 1 && result.fault === 'change'; attempts += 1) {
      if (definition.report !== null) await removeStaleReport(subject.checkout, definition.report);
      await guarded.restore();
      const again = await this.runOne(definition, subject, environment);
      result = { ...again, attempts, summary: `${again.summary}, at attempt ${attempts} of ${definition.retries + 1}` };
    }
    return result;
  }

  private async runOne(
    definition: GateDefinition,
    subject: GateSubject,
    environment: GateEnvironment,
  ): Promise<GateResult> {
    refuseAborted(subject);
    const { checkout, signal } = subject;
    try {
      const directory = await gateDirectory(checkout, definition.directory);
      if ('problem' in directory) return failedResult(definition, 'change', directory.problem, '');
      const command = await this.commands.run({
        argv: definition.argv,
        cwd: directory.folder,
        env: environment.variables,
        confinement: this.confinement(checkout, environment),
        timeoutMs: definition.timeoutMs,
        keepOutputBytes: this.options.keepOutputBytes,
        ...(signal ? { signal } : {}),
      });
      if (command.ending === 'aborted') throw abortedError(subject);
      const { report: path } = definition;
      const report = path === null ? null : await readReport(checkout, path, this.options.maxReportBytes);
      const rules: EvidenceRules = {
        length: this.options.evidenceLength,
        maxOutputBytes: this.options.maxOutputBytes,
        hidden: [
          [`${checkout}/`, ''],
          [checkout, '.'],
          [environment.folder, '~'],
        ],
      };
      return gateResult(definition, { command, report }, this.options.coverageThreshold, rules, (measured) =>
        subject.onMeasured?.(definition.name, measured),
      );
    } catch (error) {
      refuseAborted(subject);
      if (error instanceof GatesAbortedError) throw error;
      return failedResult(definition, 'coordinator', `The coordinator failed at this gate: ${messageOf(error)}`, '');
    }
  }

  /** A checkout is a repository of its own, so that gates need nothing else of the coordinator's. */
  private confinement(checkout: string, { folder }: GateEnvironment): Confinement {
    const { network } = this.options;
    return { writable: [checkout, folder], ...(network === null ? {} : { network }) };
  }
}

function refuseAborted(subject: GateSubject): void {
  if (subject.signal?.aborted) throw abortedError(subject);
}

function abortedError({ commit }: GateSubject): GatesAbortedError {
  return new GatesAbortedError(`The gates of commit ${commit} were ended early; there is no verdict`);
}
