import { accessSync, constants, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentProfile } from '../src/agents/index.js';
import { describeAgentScenario } from './contracts/agent-scenario.contract.js';
import { makeAcpAgent } from './support/acp-scenario.js';

const SCRIPTED = fileURLToPath(new URL('fixtures/acp/scripted-agent.mjs', import.meta.url));
const LIVE = { resume: true, compact: true, usage: 'live' } as const;

describeAgentScenario({
  name: 'acp, with a scripted agent',
  skippedBecause: null,
  capabilities: LIVE,
  makeAgent: (model) =>
    makeAcpAgent(model, {
      preset: 'claude-agent-acp',
      command: [process.execPath, SCRIPTED, JSON.stringify({ model: true, size: 1_000_000 })],
    }),
});

/** Where a program is, in PATH or in this package; null where it is not. */
function installed(program: string): string | null {
  const directories = [...String(process.env['PATH']).split(':'), resolve('node_modules/.bin')];
  const paths = directories.map((directory) => join(directory, program));
  return paths.find((path) => isRunnable(path)) ?? null;
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A real agent against the scripted model; skipped where it is not installed. */
function describeInstalled(preset: string, profile: Partial<AgentProfile>, args: readonly string[] = []): void {
  const path = installed(preset);
  describeAgentScenario({
    name: `acp, with ${preset}`,
    skippedBecause: path === null ? `${preset} is not installed` : null,
    capabilities: preset === 'opencode' ? { ...LIVE, usage: 'turn-end' } : LIVE,
    makeAgent: (model) => makeAcpAgent(model, { preset, command: [realpathSync(String(path)), ...args], ...profile }),
  });
}

describeInstalled('claude-agent-acp', { model: 'claude-sonnet-5-5' });
describeInstalled('opencode', {}, ['acp']);
