import { accessSync, constants, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import type { AgentCapabilities, AgentProfile } from '../src/agents/index.js';
import { describeAgentScenario } from './contracts/agent-scenario.contract.js';
import { makeAcpAgent } from './support/acp-scenario.js';
import { lookForSandbox } from './support/usable-sandbox.js';

const SCRIPTED = fileURLToPath(new URL('fixtures/acp/scripted-agent.mjs', import.meta.url));
const LIVE: AgentCapabilities = { resume: true, compact: true, usage: 'live' };

const sandbox = await lookForSandbox();

interface AcpSubject {
  readonly name: string;
  readonly profile: Partial<AgentProfile> & { readonly command: readonly [string, ...string[]] };
  readonly skippedBecause: string | null;
  readonly capabilities: AgentCapabilities;
}

/** One agent with and without a sandbox. */
function describeAcp({ name, profile, skippedBecause, capabilities }: AcpSubject): void {
  const makeIt = (isSandboxed: boolean) => (model: { readonly baseUrl: string; readonly apiKey: string }) =>
    makeAcpAgent(model, isSandboxed, profile);
  describeAgentScenario({ name, skippedBecause, capabilities, makeAgent: makeIt(false) });
  describeAgentScenario({
    name: `${name}, in the sandbox`,
    skippedBecause: skippedBecause ?? (sandbox.usable ? null : sandbox.reason),
    capabilities,
    makeAgent: makeIt(true),
  });
}

/** Where a program is, in PATH or in this package; null where it is not. */
function installed(program: string): string | null {
  const directories = [...String(process.env['PATH']).split(':'), resolve('node_modules/.bin')];
  const path = directories.map((directory) => join(directory, program)).find((candidate) => isRunnable(candidate));
  return path === undefined ? null : realpathSync(path);
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A real agent against the scripted model, where it is installed. */
function describeInstalled(
  preset: string,
  { args = [], usage = 'live' as AgentCapabilities['usage'], noModel = '' }: InstalledAgent = {},
): void {
  const path = installed(preset);
  const missing = path === null ? `${preset} is not installed` : null;
  describeAcp({
    name: `acp, with ${preset}`,
    skippedBecause: missing ?? (noModel || null),
    capabilities: { ...LIVE, usage },
    profile: { preset, command: [String(path), ...args], model: 'claude-sonnet-5-5' },
  });
}

interface InstalledAgent {
  readonly args?: readonly string[];
  readonly usage?: AgentCapabilities['usage'];
  /** Why there is no model for it to call. */
  readonly noModel?: string;
}

describe('Agents by the Agent Client Protocol', () => {
  describeAcp({
    name: 'acp, with a scripted agent',
    skippedBecause: null,
    capabilities: LIVE,
    profile: { preset: 'claude-agent-acp', command: [SCRIPTED, JSON.stringify({ model: true, size: 1_000_000 })] },
  });
  describeInstalled('claude-agent-acp');
  describeInstalled('opencode', { args: ['acp'], usage: 'turn-end' });
  describeInstalled('codex-acp', { noModel: 'the scripted model does not speak the Responses API' });
  describeInstalled('gemini', { args: ['--acp'], noModel: 'the scripted model does not speak the API of Gemini' });
});
