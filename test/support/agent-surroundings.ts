import { join } from 'node:path';

import {
  LocalProcessLauncher,
  type LaunchRequest,
  type LaunchedProcess,
  type ProcessLauncher,
} from '../../src/command-runner/index.js';
import { EgressProxy } from '../../src/egress/egress-proxy.js';
import { resolveEgressOptions } from '../../src/egress/egress.options.js';
import type { Egress } from '../../src/egress/index.js';
import { BubblewrapSandbox, NoSandbox } from '../../src/sandbox/index.js';
import { compileSource } from './compiled-source.js';
import { makeTemporaryFolder } from './temporary-folder.js';

/** What an agent that is a program of its own works with, as in the service. */
export interface AgentSurroundings {
  readonly launcher: ProcessLauncher;
  readonly egress: Egress;
  /** What was launched, in order. */
  readonly launched: readonly LaunchedProcess[];
  readonly dispose: () => Promise<void>;
}

/** @param isSandboxed in bubblewrap, without a network; otherwise with what the service can, and only led to the gate */
export function makeAgentSurroundings(isSandboxed: boolean): AgentSurroundings {
  const folder = makeTemporaryFolder();
  compileSource(folder.path, ['egress', 'kernel']);
  const bridgeFiles = ['network-bridge.js', 'run-network-bridge.js'].map((file) =>
    join(folder.path, 'src/egress', file),
  );
  bridgeFiles.push(join(folder.path, 'package.json'));
  const bubblewrap = isSandboxed ? new BubblewrapSandbox({ bridgeFiles }) : null;
  const local = new LocalProcessLauncher({ sandbox: bubblewrap ?? new NoSandbox(bridgeFiles) });
  const egress = new EgressProxy(resolveEgressOptions({}));
  const launched: LaunchedProcess[] = [];
  return {
    launcher: {
      launch: (request: LaunchRequest) => {
        const process = local.launch(request);
        launched.push(process);
        return process;
      },
    },
    egress,
    launched,
    dispose: async () => {
      await local.onApplicationShutdown();
      await egress.close();
      bubblewrap?.onApplicationShutdown();
      folder.remove();
    },
  };
}
