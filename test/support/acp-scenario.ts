import { AcpRuntime, type AcpRuntimeModuleOptions, type AgentProfile } from '../../src/agents/index.js';
import {
  LocalProcessLauncher,
  type LaunchRequest,
  type LaunchedProcess,
  type ProcessLauncher,
} from '../../src/command-runner/index.js';
import { EgressProxy } from '../../src/egress/egress-proxy.js';
import { resolveEgressOptions } from '../../src/egress/egress.options.js';
import { scenarioProfile, type ScenarioAgent } from '../contracts/agent-scenario.contract.js';
import { BridgedEgress } from './bridged-egress.js';

/** Starts programs as another launcher does, and knows the last one. */
class LastLaunch implements ProcessLauncher {
  last: LaunchedProcess | null = null;

  constructor(private readonly launcher: ProcessLauncher) {}

  launch(request: LaunchRequest): LaunchedProcess {
    this.last = this.launcher.launch(request);
    return this.last;
  }
}

/** An agent that speaks the Agent Client Protocol, without a sandbox, for the scenario. */
export async function makeAcpAgent(
  model: { readonly baseUrl: string; readonly apiKey: string },
  profile: Partial<AgentProfile>,
  options: AcpRuntimeModuleOptions = {},
): Promise<ScenarioAgent> {
  const proxy = new EgressProxy(resolveEgressOptions({}));
  const egress = new BridgedEgress(proxy);
  const local = new LocalProcessLauncher({ sandbox: egress });
  const launcher = new LastLaunch(local);
  return {
    runtime: new AcpRuntime(launcher, egress, options),
    profile: { ...scenarioProfile, runtime: 'acp', ...model, ...profile },
    kill: async () => {
      const { last } = launcher;
      process.kill(Number(last?.pid), 'SIGKILL');
      await last?.exited;
    },
    dispose: async () => {
      await local.onApplicationShutdown();
      await proxy.close();
      egress.close();
    },
  };
}
