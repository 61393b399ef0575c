import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import type { LaunchRequest, LaunchedProcess, ProcessExit, ProcessLauncher } from '../../src/command-runner/index.js';
import type { Egress, EgressGate, EgressGateSpec } from '../../src/egress/index.js';

let launches = 0;

/** Starts programs without a sandbox, and ends whatever carries the mark that it gave them. */
export class PlainLauncher implements ProcessLauncher {
  readonly requests: LaunchRequest[] = [];
  readonly pids: number[] = [];

  /** @param address what stands for `{address}` */
  constructor(private readonly address = 'http://127.0.0.1:9') {}

  launch(request: LaunchRequest): LaunchedProcess {
    this.requests.push(request);
    launches += 1;
    const mark = `${process.pid}-${launches}`;
    const network = Object.entries(request.confinement?.network?.environment ?? {});
    const reached = network.map(([name, value]) => [name, value.replaceAll('{address}', this.address)]);
    const [program, ...args] = request.argv;
    const child = spawn(program, args, {
      cwd: request.cwd,
      env: { ...request.env, ...Object.fromEntries(reached), PLAIN_LAUNCH: mark },
      stdio: 'pipe',
    });
    child.stdin.on('error', () => undefined);
    const exited = new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', () => resolve({ code: null, signal: null }));
    });
    const failure = new Promise<string | null>((resolve) => {
      child.once('spawn', () => resolve(null));
      child.once('error', (error) => resolve(error.message));
    });
    if (child.pid !== undefined) this.pids.push(child.pid);
    const end = async (): Promise<void> => {
      while (marked(mark).map(kill).length > 0) await new Promise((resolve) => setImmediate(resolve));
      await exited;
    };
    return {
      pid: child.pid ?? null,
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      exited,
      failure,
      end,
    };
  }
}

function marked(mark: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => environmentOf(pid).split('\0').includes(`PLAIN_LAUNCH=${mark}`));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

/** Opens gates that lead nowhere, and lets a test say what went through. */
export class GateDoubles implements Egress {
  readonly specs: EgressGateSpec[] = [];
  closed = 0;

  async open(spec: EgressGateSpec): Promise<EgressGate> {
    this.specs.push(spec);
    return {
      socket: '/nowhere.sock',
      token: 'gate-token-1234567890',
      close: async () => {
        this.closed += 1;
      },
    };
  }
}
