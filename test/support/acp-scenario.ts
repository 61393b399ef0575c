import { AcpRuntime, type AgentProfile } from '../../src/agents/index.js';
import { scenarioProfile, type ScenarioAgent } from '../contracts/agent-scenario.contract.js';
import { makeAgentSurroundings } from './agent-surroundings.js';
import { livingProcesses } from './living-processes.js';

/** An agent that speaks the Agent Client Protocol, for the scenario. */
export async function makeAcpAgent(
  model: { readonly baseUrl: string; readonly apiKey: string },
  isSandboxed: boolean,
  profile: Partial<AgentProfile> & { readonly command: readonly [string, ...string[]] },
): Promise<ScenarioAgent> {
  const { launcher, egress, dispose } = makeAgentSurroundings(isSandboxed);
  const [program, script] = profile.command;
  /** What surrounds it has its command line too, behind its own. */
  const own = () =>
    livingProcesses(script ?? program).filter(({ commandLine }) => {
      const [first, second] = commandLine.split(' ');
      return first === program || second === program;
    });
  return {
    runtime: new AcpRuntime(launcher, egress),
    profile: { ...scenarioProfile, runtime: 'acp', ...model, ...profile },
    kill: async () => {
      const killed = own();
      for (const { pid } of killed) process.kill(pid, 'SIGKILL');
      while (own().some(({ pid }) => killed.some((other) => other.pid === pid))) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    dispose,
  };
}
