import { accessSync, constants, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import type { AgentCapabilities, AgentProfile } from '../src/agents/index.js';
import { DEFAULT_COMMAND_PATH } from '../src/agents/runtimes/command-environment.js';
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
  readonly resumesAfterKill?: boolean;
  readonly goesOnAfterInterruption?: boolean;
}

/** One agent with and without a sandbox. */
function describeAcp({ name, profile, skippedBecause, ...subject }: AcpSubject): void {
  const makeIt = (isSandboxed: boolean) => (model: { readonly baseUrl: string; readonly apiKey: string }) =>
    makeAcpAgent(model, isSandboxed, profile);
  describeAgentScenario({ name, skippedBecause, ...subject, makeAgent: makeIt(false) });
  describeAgentScenario({
    name: `${name}, in the sandbox`,
    skippedBecause: skippedBecause ?? (sandbox.usable ? null : sandbox.reason),
    ...subject,
    makeAgent: makeIt(true),
  });
}

/** Where a program is, where the runtime looks, in PATH or in this package; null where it is not. */
function installed(program: string): string | null {
  const directories = [DEFAULT_COMMAND_PATH, process.env['PATH'] ?? ''].flatMap((path) => path.split(':'));
  const path = [...directories, resolve('node_modules/.bin')]
    .map((directory) => join(directory, program))
    .find((candidate) => isRunnable(candidate));
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

interface InstalledAgent {
  readonly args?: readonly string[];
  readonly model?: string;
  readonly capabilities?: Partial<AgentCapabilities>;
  readonly resumesAfterKill?: boolean;
  readonly goesOnAfterInterruption?: boolean;
}

/** A real agent against the scripted model, where it is installed. */
function describeInstalled(
  preset: string,
  { args = [], model = 'claude-sonnet-5-5', capabilities, ...subject }: InstalledAgent = {},
): void {
  const path = installed(preset);
  describeAcp({
    name: `acp, with ${preset}`,
    skippedBecause: path === null ? `${preset} is not installed` : null,
    capabilities: { ...LIVE, ...capabilities },
    profile: { preset, command: [String(path), ...args], model },
    ...subject,
  });
}

describe('Agents by the Agent Client Protocol', () => {
  describeAcp({
    name: 'acp, with a scripted agent',
    skippedBecause: null,
    capabilities: LIVE,
    profile: { preset: 'claude-agent-acp', command: [SCRIPTED, JSON.stringify({ model: true, size: 1_000_000 })] },
  });
  describeInstalled('claude-agent-acp');
  describeInstalled('opencode', { args: ['acp'], capabilities: { usage: 'turn-end' } });
  describeInstalled('codex-acp', { model: 'gpt-5-codex' });
  describeInstalled('gemini', {
    args: ['--acp'],
    model: 'gemini-2.5-pro',
    capabilities: { compact: false, usage: 'never' },
    // It writes its session when it ends by itself.
    resumesAfterKill: false,
    // The call that was interrupted stays in its history without an answer, which the API refuses.
    goesOnAfterInterruption: false,
  });
});
