import { spawn } from 'node:child_process';
import { CodedError, SystemClock, SystemRandomness, type Clock, type Randomness } from '../kernel/index.js';
import { ConfinementRefusedError } from './command-runner.errors.js';
import { resolveCommandRunnerOptions, type CommandRunnerModuleOptions } from './command-runner.options.js';
import { CommandTree } from './command-tree.js';
import { COMMAND_MARK, OWNER_MARK } from './marks.js';
import type { LaunchRequest } from './process-launcher.port.js';
import { ProcProcessTable, type ProcessTable } from './process-table.js';
import { reasonNotStarted } from './reason-not-started.js';
import type { ConfinedStart, Sandbox } from './sandbox.port.js';
import { StartedProcess, type ProcessSurroundings } from './started-process.js';
import { TreeWatch } from './tree-watch.js';

/** Starts programs as processes of this machine, confined where they are to be, each in a process group of its own. */
export class ProcessStarter {
  private readonly ownerId: string | null;
  private readonly sandbox: Sandbox | null;
  private readonly around: ProcessSurroundings;

  /** @throws {InvalidCommandRunnerOptionsError} if an option is out of range */
  constructor(
    options: CommandRunnerModuleOptions = {},
    readonly clock: Clock = new SystemClock(),
    private readonly randomness: Randomness = new SystemRandomness(),
    private readonly table: ProcessTable = new ProcProcessTable(),
  ) {
    const { ownerId, graceMs, sandbox } = resolveCommandRunnerOptions(options);
    this.ownerId = ownerId;
    this.sandbox = sandbox;
    this.around = { clock, table, graceMs, watch: new TreeWatch(table, clock) };
  }

  /** The process, or one sentence on why there is none: later, since some of the reasons are told by an event. */
  start(
    request: LaunchRequest & { readonly hasInput: boolean },
  ): StartedProcess | { readonly failure: Promise<string> } {
    const { cwd, env, hasInput } = request;
    const [program] = request.argv;
    let file = program;
    try {
      const confined = this.confine(request);
      const argv = confined?.argv ?? request.argv;
      file = argv[0];
      // The process id keeps apart two coordinators whose randomness repeats, as in tests.
      const mark = `${process.pid}-${this.randomness.uuid()}`;
      const child = spawn(file, argv.slice(1), {
        cwd,
        env: { ...env, [COMMAND_MARK]: mark, ...(this.ownerId === null ? {} : { [OWNER_MARK]: this.ownerId }) },
        stdio: [
          hasInput ? 'pipe' : 'ignore',
          'pipe',
          'pipe',
          ...(confined?.hasNamespace ? (['pipe', 'pipe'] as const) : []),
        ],
        detached: true,
        shell: false,
      });
      const failed = new Promise<string>((resolve) =>
        child.once('error', (error) => resolve(reasonNotStarted(file, cwd, error))),
      );
      if (child.pid === undefined) return { failure: failed };
      const tree = new CommandTree(child.pid, `${COMMAND_MARK}=${mark}`, this.table);
      return new StartedProcess(child, program, child.pid, tree, confined, this.around);
    } catch (error) {
      const refusal = error instanceof CodedError ? error.message : null;
      return { failure: Promise.resolve(refusal ?? reasonNotStarted(file, cwd, error)) };
    }
  }

  private confine({ argv, cwd, env, confinement }: LaunchRequest): ConfinedStart | null {
    if (confinement === undefined) return null;
    if (this.sandbox === null) {
      if (confinement.network === undefined) return null;
      throw new ConfinementRefusedError('There is no sandbox that leads the program to its network');
    }
    return this.sandbox.confine({ argv, cwd, env, confinement });
  }
}
