import { ClaudeRuntime } from '../src/agents/index.js';
import { describeAgentScenario, scenarioProfile } from './contracts/agent-scenario.contract.js';
import { makeAgentSurroundings } from './support/agent-surroundings.js';
import { livingProcesses, noneLiving } from './support/living-processes.js';
import { lookForSandbox } from './support/usable-sandbox.js';

const SDK = '@anthropic-ai/claude-agent-sdk';

/** Why Claude Code cannot be run here; null where it can. */
function whyNoClaude(): string | null {
  for (const name of [SDK, `${SDK}-${process.platform}-${process.arch}/package.json`]) {
    try {
      import.meta.resolve(name);
    } catch {
      return `${SDK} or its program for this platform is not installed`;
    }
  }
  return null;
}

const missing = whyNoClaude();
const sandbox = await lookForSandbox();

function describeClaude(name: string, isSandboxed: boolean, skippedBecause: string | null): void {
  describeAgentScenario({
    name,
    skippedBecause,
    capabilities: { resume: true, compact: true, usage: 'live' },
    makeAgent: async ({ baseUrl, apiKey }) => {
      const { launcher, egress, dispose } = makeAgentSurroundings(isSandboxed);
      const runtime = new ClaudeRuntime(launcher, egress);
      return {
        runtime,
        profile: { ...scenarioProfile, runtime: runtime.kind, baseUrl, apiKey },
        kill: async ({ ref }) => {
          const own = livingProcesses(ref.id).filter(({ executable }) => executable.endsWith('/claude'));
          for (const { pid } of own) process.kill(pid, 'SIGKILL');
          await noneLiving(`--session-id=${ref.id}`);
        },
        dispose,
      };
    },
  });
}

describeClaude('claude', false, missing);
describeClaude('claude, in the sandbox', true, missing ?? (sandbox.usable ? null : sandbox.reason));
