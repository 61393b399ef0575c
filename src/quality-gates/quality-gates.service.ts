import { isAbsolute } from 'node:path';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ProcessCommandRunner, type CommandRunner } from '../command-runner/index.js';
import { SystemClock, messageOf, type Clock } from '../kernel/index.js';
import { knownGates, type KnownGates } from './gate-definitions.js';
import { failedResult } from './gate-result.js';
import { GateRunner } from './gate-runner.js';
import { InvalidGateSubjectError } from './quality-gates.errors.js';
import {
  resolveQualityGatesOptions,
  type QualityGatesModuleOptions,
  type QualityGatesOptions,
} from './quality-gates.options.js';
import type { GateFault, GateSubject, Verdict } from './quality-gates.types.js';
import { restoreBaseFiles } from './restore-base-files.js';
import { restoreBaseScripts } from './restore-base-scripts.js';
import { verdictOf } from './verdict.js';

/**
 * Decides whether the work in one commit is done: by its build, lint, test and coverage, as the base commit defines them.
 *
 * It decides and changes nothing but the checkout that it is given; who sends an agent back is not its business.
 */
export class QualityGatesService implements OnApplicationShutdown {
  private readonly logger = new Logger(QualityGatesService.name);
  private readonly runner: GateRunner;

  constructor(
    private readonly options: QualityGatesOptions,
    commands: CommandRunner,
    private readonly clock: Clock,
    /** A command runner that is nobody else's: it ends with the app. */
    private readonly own: OnApplicationShutdown | null = null,
  ) {
    this.runner = new GateRunner(commands, options, (sentence) => this.logger.warn(sentence));
  }

  /** A judge without Nest. */
  static alone(given: QualityGatesModuleOptions = {}): QualityGatesService {
    const { clock = new SystemClock() } = given;
    const options = resolveQualityGatesOptions(given);
    if (given.commandRunner) return new QualityGatesService(options, given.commandRunner, clock);
    const own = new ProcessCommandRunner();
    return new QualityGatesService(options, own, clock, own);
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
    const { commit, checkout } = subject;
    if (!/^[0-9a-f]{40}$/.test(commit) || !isAbsolute(checkout)) {
      const got = `commit ${JSON.stringify(commit)} in ${JSON.stringify(checkout)}`;
      throw new InvalidGateSubjectError(`Expected 40 hexadecimal digits and an absolute path, got ${got}`);
    }
    let known: KnownGates;
    let changed: readonly string[];
    try {
      known = await knownGates(subject.readBaseFile, this.options.defaultGates, this.options.gateTimeoutMs);
      if ('problem' in known) return this.undefinedVerdict(commit, 'definition', known);
      const scripts = await restoreBaseScripts(checkout, subject.readBaseFile);
      if ('problem' in scripts) {
        return this.undefinedVerdict(commit, 'change', { ...scripts, advice: '', origin: 'the commit itself' });
      }
      const files = await restoreBaseFiles(checkout, subject.readBaseFile);
      if ('problem' in files) {
        return this.undefinedVerdict(commit, 'change', { ...files, advice: '', origin: 'the commit itself' });
      }
      changed = [...(scripts.changed ? ['scripts in package.json'] : []), ...files.changed];
    } catch (error) {
      const problem = `The coordinator could not find out which gates there are: ${messageOf(error)}`;
      return this.undefinedVerdict(commit, 'coordinator', { problem, advice: '', origin: 'the base commit' });
    }
    const results = await this.runner.run(known.gates, subject);
    return verdictOf(commit, results, this.clock.now(), changed.length > 0 ? remarkOn(changed) : null);
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

function remarkOn(changed: readonly string[]): string {
  return `The commit changes ${changed.join(', ')}; the gates ran with what the base commit has, and a person must look at the change`;
}
