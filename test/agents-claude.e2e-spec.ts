import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ClaudeRuntime, type AgentEvent } from '../src/agents/index.js';
import { ScriptedModelServer, failWith, promptTooLong, refuse, say, type ModelRule } from '../src/testing/index.js';
import { SCENARIO_KEY, describeAgentScenario, scenarioProfile } from './contracts/agent-scenario.contract.js';
import { makeAgentSurroundings } from './support/agent-surroundings.js';
import { livingProcesses, noneLiving } from './support/living-processes.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';
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

const answer = (prompt: string, reply: ModelRule['reply']): ModelRule => ({
  when: (c) => c.lastPrompt.includes(prompt),
  reply,
});
/** What the real Claude Code makes of what the model's side does: its words are no contract, and change. */
const FAILURES: readonly ModelRule[] = [
  answer('[key]', failWith(401)),
  answer('[forbidden]', failWith(403)),
  answer('[busy]', failWith(429, { retryAfterSeconds: 7 })),
  answer('[overloaded]', failWith(529)),
  answer('[broken]', failWith(500)),
  answer('[credit]', failWith(400, { message: 'Your credit balance is too low to access the Anthropic API.' })),
  answer('[long]', promptTooLong(210_000, 200_000)),
  answer('[refused]', refuse('No.')),
  answer('safety classifier', refuse('No.')),
  answer('', say('Yes.')),
];

(missing === null ? describe : describe.skip)(
  `ClaudeRuntime, before a model that fails${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    it('names each failure, and goes on afterwards in the same session', async () => {
      const folder = makeTemporaryFolder();
      const workspace = join(folder.path, 'workspace');
      mkdirSync(workspace);
      const server = new ScriptedModelServer({ rules: FAILURES, apiKey: SCENARIO_KEY });
      const profile = { ...scenarioProfile, model: 'claude-sonnet-5-5', baseUrl: await server.start() };
      const { launcher, egress, dispose } = makeAgentSurroundings(false);
      const events: AgentEvent[] = [];
      const session = await new ClaudeRuntime(launcher, egress, { modelRetries: 0 }).open({
        issue: { owner: 'mosaic', repo: 'sum', number: 7 },
        profile,
        workspace,
        home: join(folder.path, 'home'),
        instructions: 'You are the agent of a test.',
        onEvent: (event) => void events.push(event),
      });

      const stops: string[] = [];
      for (const prompt of ['key', 'forbidden', 'busy', 'overloaded', 'broken', 'credit', 'long', 'refused', 'well']) {
        const { stop, retryAfterMs } = await session.prompt(`Go. [${prompt}]`);
        stops.push(`${prompt}: ${stop}${retryAfterMs === null ? '' : ` ${retryAfterMs}`}`);
      }
      await session.close();
      await dispose();
      await server.stop();
      folder.remove();

      expect(stops).toEqual([
        'key: auth',
        'forbidden: auth',
        'busy: rate_limit 7000',
        'overloaded: rate_limit',
        'broken: error',
        'credit: spend_limit',
        'long: context_exhausted',
        'refused: refusal',
        'well: end_turn',
      ]);
      const spends = events.filter((event) => event.type === 'spend');
      expect(spends).toHaveLength(3);
    }, 120_000);
  },
);
