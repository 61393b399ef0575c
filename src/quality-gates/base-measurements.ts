import { createHash } from 'node:crypto';
import { KeyedLock, type Clock } from '../kernel/index.js';
import type { BaseGate, BaseMeasurement, BaseMeasurementStore } from './base-measurement-store.port.js';
import type { GateMeasurement } from './gate-measurement.types.js';
import type { GateRunner } from './gate-runner.js';
import type { GateBase, GateDefinition, GateSubject, Verdict } from './quality-gates.types.js';
import type { SetupDependencies, SetupSurroundings } from './setup-dependencies.js';

/**
 * Measures base commits, each once for each set of gates and programs. Two jobs on one base commit share one measurement:
 * the second waits for the first.
 */
export class BaseMeasurements {
  private readonly lock = new KeyedLock();

  constructor(
    private readonly store: BaseMeasurementStore,
    private readonly runner: Pick<GateRunner, 'run'>,
    private readonly clock: Clock,
    /** What the setup of a base commit is given, and leaves. */
    private readonly dependencies: (surroundings: SetupSurroundings) => SetupDependencies | null = () => null,
  ) {}

  /**
   * What the gates say of the base commit.
   *
   * @throws {GatesAbortedError} if the subject's signal is aborted
   * @throws {Error} if there is no checkout of it
   */
  async of(
    base: GateBase,
    definitions: readonly GateDefinition[],
    tools: Verdict['tools'],
    subject: GateSubject,
  ): Promise<BaseMeasurement> {
    const judged = createHash('sha256')
      .update(JSON.stringify([definitions, tools]))
      .digest('hex');
    const key = `${base.repository.toLowerCase()} ${base.commit} ${judged}`;
    return this.lock.hold(key, async () => {
      const known = await this.store.get(key);
      if (known) return known;
      const { measurement, isLasting } = await this.measure(base, definitions, tools, subject);
      if (isLasting) await this.store.put(key, measurement);
      return measurement;
    });
  }

  /** What is lasting depends on the commit alone. A missing program or a registry out of reach does not. */
  private async measure(
    base: GateBase,
    definitions: readonly GateDefinition[],
    tools: Verdict['tools'],
    { readBaseFile, listBaseFiles, signal }: GateSubject,
  ): Promise<{ readonly measurement: BaseMeasurement; readonly isLasting: boolean }> {
    const measured = new Map<string, GateMeasurement>();
    const checkout = await base.checkout();
    try {
      const subject: GateSubject = {
        commit: base.commit,
        checkout: checkout.directory,
        readBaseFile,
        ...(listBaseFiles ? { listBaseFiles } : {}),
        ...(signal ? { signal } : {}),
        onMeasured: (gate, measurement) => measured.set(gate, measurement),
      };
      const { repository } = base;
      const results = await this.runner.run(
        definitions,
        subject,
        this.dependencies({ repository, tools, readBaseFile }),
      );
      const gates = results.flatMap(({ gate, passed }): readonly BaseGate[] => {
        const measurement = measured.get(gate);
        return measurement ? [{ gate, passed, ...comparable(measurement) }] : [];
      });
      const isSetUp = definitions.every(
        ({ kind, isRequired }, at) => kind !== 'setup' || !isRequired || results[at]?.passed === true,
      );
      const isLasting = isSetUp && results.every(({ fault }) => fault === null || fault === 'change');
      return { measurement: { gates, measuredAt: this.clock.now() }, isLasting };
    } finally {
      await checkout.remove();
    }
  }
}

function comparable({
  tests,
  coverage,
  ending,
  exitCode,
  findings,
}: GateMeasurement): Omit<BaseGate, 'gate' | 'passed'> {
  const report = tests && 'report' in tests ? tests.report : null;
  const covered = coverage && 'report' in coverage ? coverage.report : null;
  return {
    ending,
    exitCode,
    tests: report && { ...report, tests: report.tests.map(({ name, outcome }) => ({ name, outcome, message: '' })) },
    coverage: covered && { percent: covered.percent, format: covered.format },
    findings,
  };
}
