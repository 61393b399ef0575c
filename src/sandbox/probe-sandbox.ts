import type { CommandRunner } from '../command-runner/index.js';
import { INSIDE_ID } from './bubblewrap-arguments.js';
import { SYSTEM_PATH } from './find-program.js';
import { notInstalled, probeFailure, versionFailure } from './probe-failure.js';
import type { SandboxProbe } from './sandbox.types.js';

const TIMEOUT_MS = 30_000;
const ENVIRONMENT = { PATH: SYSTEM_PATH };

/**
 * Finds out whether bubblewrap works on this machine, by running a program in it just as agents and gates are run.
 *
 * @param commandRunner one that confines by bubblewrap
 * @param bubblewrapPath the program, absolute
 */
export async function probeSandbox(commandRunner: CommandRunner, bubblewrapPath: string): Promise<SandboxProbe> {
  const command = { cwd: '/', env: ENVIRONMENT, timeoutMs: TIMEOUT_MS };
  const asked = await commandRunner.run({ ...command, argv: [bubblewrapPath, '--version'] });
  if (asked.ending === 'not_started') return notInstalled(bubblewrapPath);
  const version = /(\d+\.\d+(?:\.\d+)?)/.exec(asked.stdout.text)?.[1];
  if (version === undefined) return probeFailure(`The program ${bubblewrapPath} does not tell its version`);
  const tooOld = versionFailure(version);
  if (tooOld) return tooOld;

  const tried = await commandRunner.run({ ...command, argv: ['id', '-u'], confinement: { writable: [] } });
  if (tried.exitCode === 0 && tried.stdout.text.trim() === INSIDE_ID) return { usable: true, version };
  const last = tried.stderr.text.trim().split('\n').at(-1);
  return probeFailure(tried.reason ?? `A program in the sandbox did not do what it should: ${last || 'no message'}`);
}
