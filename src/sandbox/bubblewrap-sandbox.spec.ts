import { afterAll, jest } from '@jest/globals';
import { describeCommandRunner } from '../../test/contracts/command-runner.contract.js';
import { describeProcessLauncher } from '../../test/contracts/process-launcher.contract.js';
import { describeSandboxed, lookForSandbox } from '../../test/support/usable-sandbox.js';
import { LocalProcessLauncher, ProcessCommandRunner } from '../command-runner/index.js';
import { BubblewrapSandbox } from './bubblewrap-sandbox.js';

jest.setTimeout(120_000);

const probe = await lookForSandbox();
const sandbox = new BubblewrapSandbox();

afterAll(() => sandbox.onApplicationShutdown());

describeSandboxed(probe, 'in bubblewrap', () => {
  const confine = (directory: string) => ({ writable: [directory] });
  describeCommandRunner('ProcessCommandRunner', () => new ProcessCommandRunner({ graceMs: 300, sandbox }), confine);
  describeProcessLauncher('LocalProcessLauncher', () => new LocalProcessLauncher({ graceMs: 300, sandbox }), confine);
});
