import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { logAgentNotice } from './agent-notice.js';
import { AgentRegistry, InvalidProfileFileError, type AgentProfile } from './agents/index.js';
import { loadAppConfig, type AppConfig } from './config/index.js';
import type { GiteaClient } from './gitea/index.js';
import { limitationsOf } from './limitations.js';
import { loadGates } from './load-gates.js';
import { loadProfiles } from './load-profiles.js';
import { StartupReport } from './startup-report.js';

function configOf(given: Record<string, string> = {}): AppConfig {
  return loadAppConfig({
    GITEA_WEBHOOK_SECRET: 'a-secret-of-the-webhook',
    GITEA_URL: 'http://gitea:3000',
    ANTHROPIC_API_KEY: 'key-of-the-model',
    ...given,
  });
}

describe('loadProfiles', () => {
  it('gives the five default profiles, and says of those without an address why they cannot be used', () => {
    const profiles = loadProfiles(configOf({ GLM_BASE_URL: 'http://glm:1' }));

    expect(profiles.map(({ name, unusableBecause }) => [name, unusableBecause === null])).toEqual([
      ['opus', true],
      ['sonnet', true],
      ['haiku', true],
      ['glm', true],
      ['minimax', false],
    ]);
  });

  it("reads the operator's file instead, with keys from the environment", () => {
    const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
    const file = join(folder, 'profiles.yml');
    writeFileSync(file, 'profiles:\n  - name: own\n    nonsense: 1\n');

    const load = () => loadProfiles(configOf({ AGENT_PROFILES_FILE: file }));

    expect(load).toThrow(InvalidProfileFileError);
    rmSync(folder, { recursive: true });
    expect(load).toThrow(/AGENT_PROFILES_FILE cannot be read: .*ENOENT/);
  });
});

describe('loadGates', () => {
  it("reads the operator's file, where there is one", () => {
    const folder = mkdtempSync(join(tmpdir(), 'gates-file-'));
    const file = join(folder, 'gates.yml');
    writeFileSync(file, 'gates:\n  test: make test\n');

    expect(loadGates(configOf())).toBeNull();
    expect(loadGates(configOf({ GATES_FILE: file }))).toContain('make test');
    writeFileSync(file, 'gates:\n  tset: make test\n');
    expect(() => loadGates(configOf({ GATES_FILE: file }))).toThrow(/GATES_FILE cannot be used: [^]*line 2: "tset"/);
    rmSync(folder, { recursive: true });
    expect(() => loadGates(configOf({ GATES_FILE: file }))).toThrow(/GATES_FILE cannot be used: .*ENOENT/);
  });
});

const ODD_PROFILE: AgentProfile = {
  name: 'odd',
  runtime: 'embedded',
  model: 'm',
  baseUrl: null,
  apiKey: null,
  windowTokens: 1_000,
  maxOutputTokens: 10,
  difficultyUpTo: 'hard',
  prices: null,
  isSelfHosted: false,
  maxConcurrent: 1,
  unusableBecause: null,
};

const CONFINING = { isConfining: true, version: '0.8.0', warning: null };

describe('limitationsOf', () => {
  it('says that nobody may start work where accounts are listed and nobody can be asked', () => {
    const sentences = limitationsOf(configOf({ ALLOWED_USER_IDS: '7' }), CONFINING, []).join(' ');

    expect(sentences).toContain('Without GITEA_TOKEN nobody may start work');
    expect(sentences).not.toContain('everybody');
  });

  it('names what cannot be done without the tokens', () => {
    expect(limitationsOf(configOf(), CONFINING, [])).toHaveLength(5);
    expect(limitationsOf(configOf({ GITEA_TOKEN: 't', API_TOKEN: 'a-token-of-the-api' }), CONFINING, [])).toEqual([]);
  });

  it('says first that agents are not confined, and why', () => {
    const unconfined = { isConfining: false, version: null, warning: 'Agents and gates run unconfined. So.' };

    expect(limitationsOf(configOf(), unconfined, [])[0]).toBe('Agents and gates run unconfined. So.');
  });

  it.each<[string, Record<string, string>, Partial<AgentProfile>, number]>([
    ['whose price is unknown', {}, {}, 1],
    ['with a budget in tokens for issues', { BUDGET_ISSUE_TOKENS: '1000' }, {}, 0],
    ['with a budget in tokens for runs', { BUDGET_RUN_TOKENS: '1000' }, {}, 0],
    ['with a budget in tokens for the day', { BUDGET_DAY_TOKENS: '1000' }, {}, 0],
    ['with a budget in tokens of its own', {}, { budget: { tokensPerDay: 5, usdPerDay: null } }, 0],
    ['whose price is known', {}, { prices: { input: 1, output: 2 } }, 0],
    ['that cannot be used anyway', {}, { unusableBecause: 'no key' }, 0],
  ])('tells of a profile %s', (_, variables, changes, told) => {
    const config = configOf({ GITEA_TOKEN: 't', API_TOKEN: 'a-token-of-the-api', ...variables });
    const profiles = [{ ...ODD_PROFILE, ...changes }];

    const limitations = limitationsOf(config, CONFINING, profiles);

    expect(limitations.filter((sentence) => sentence.startsWith('Profile odd is not used. The price'))).toHaveLength(
      told,
    );
    expect(limitations).toHaveLength(told);
  });
});

describe('logAgentNotice', () => {
  it('warns with a constant message, and the notice as a field', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);

    logAgentNotice('The SDK is 9.9.9.');

    expect(warn.mock.calls).toEqual([['Agent runtime notice', { notice: 'The SDK is 9.9.9.' }]]);
    warn.mockRestore();
  });
});

describe('StartupReport', () => {
  async function report(config: AppConfig, gitea: Partial<GiteaClient>) {
    const said: string[] = [];
    const spies = (['log', 'warn', 'error'] as const).map((level) =>
      jest
        .spyOn(Logger.prototype, level)
        .mockImplementation((message: unknown) => void said.push(`${level} ${String(message)}`)),
    );
    new StartupReport(config, new AgentRegistry([]), gitea as GiteaClient, CONFINING).onApplicationBootstrap();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    for (const spy of spies) spy.mockRestore();
    return said;
  }
  const version = () => Promise.resolve('1.26.4');

  it('warns of what the service cannot do, and asks Gitea nothing without a token', async () => {
    const said = await report(configOf(), {});

    expect(said.filter((line) => line.startsWith('warn'))).toHaveLength(5);
  });

  it.each([
    ['mosaic', 'log Gitea answers'],
    ['ada', 'error The token belongs to another account than GITEA_BOT_NAME names'],
  ])('tells whose token it has: %s', async (login, sentence) => {
    const gitea = { version, whoAmI: () => Promise.resolve({ id: 1, login }) } as unknown as GiteaClient;

    expect(await report(configOf({ GITEA_TOKEN: 't' }), gitea)).toContain(sentence);
  });

  it.each([
    ['1.19.4', 'error This version of Gitea is too old'],
    ['1.28.0', 'warn This version of Gitea is not known'],
    ['development', 'warn This version of Gitea is not known'],
  ])('tells what it thinks of version %s', async (text, sentence) => {
    const whoAmI = () => Promise.resolve({ id: 1, login: 'mosaic' });
    const gitea = { version: () => Promise.resolve(text), whoAmI } as unknown as GiteaClient;

    const said = await report(configOf({ GITEA_TOKEN: 't' }), gitea);

    expect(said).toEqual(expect.arrayContaining(['log Gitea answers', sentence]));
  });

  it('tells that Gitea does not answer', async () => {
    const gitea = { version, whoAmI: () => Promise.reject(new Error('away')) } as unknown as GiteaClient;

    expect(await report(configOf({ GITEA_TOKEN: 't' }), gitea)).toContain('error Gitea does not answer as it should');
  });
});
