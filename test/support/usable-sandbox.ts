import { describe } from '@jest/globals';
import { ProcessCommandRunner } from '../../src/command-runner/index.js';
import { BubblewrapSandbox, probeSandbox, type SandboxProbe } from '../../src/sandbox/index.js';

/** Whether programs can be confined on this machine. */
export async function lookForSandbox(): Promise<SandboxProbe> {
  const sandbox = new BubblewrapSandbox();
  const probe = await probeSandbox(new ProcessCommandRunner({ sandbox }), sandbox.bubblewrapPath);
  sandbox.onApplicationShutdown();
  return probe;
}

/** Describes what needs a sandbox; on a machine without one it is skipped, with the reason in the title. */
export function describeSandboxed(probe: SandboxProbe, title: string, cases: () => void): void {
  const skipped = probe.usable ? '' : ` (skipped, no sandbox here: ${probe.reason})`;
  (probe.usable ? describe : describe.skip)(title + skipped, cases);
}
