import { describe, expect, it } from '@jest/globals';
import { getMetadataStorage } from 'class-validator';

import { EnvironmentVariables, InvalidConfigurationError, VARIABLES, loadAppConfig } from './index.js';

const SIX = {
  GITEA_WEBHOOK_SECRET: 'a-secret-of-the-webhook',
  GITEA_URL: 'http://gitea:3000/',
  ANTHROPIC_API_KEY: 'key-of-the-model',
};

describe('loadAppConfig', () => {
  it('needs only what the first variables say', () => {
    expect(loadAppConfig(SIX)).toMatchObject({
      webhook: { secrets: ['a-secret-of-the-webhook'], bodyLimitBytes: 10_000_000 },
      gitea: { url: 'http://gitea:3000', token: null, botName: 'mosaic' },
      http: { host: '0.0.0.0', port: 8000, apiToken: null },
      logLevel: 'info',
      limits: { running: 4, runningPerRepository: 2, rejections: 5, failures: 5 },
      context: { compactAt: 0.8, rotateAt: 0.95 },
      times: { leaseMs: 30_000, loopIntervalMs: 10_000 },
    });
  });

  it('accepts several webhook secrets', () => {
    const { webhook } = loadAppConfig({ ...SIX, GITEA_WEBHOOK_SECRET: 'the-first-secret-1, the-second-secret' });

    expect(webhook.secrets).toEqual(['the-first-secret-1', 'the-second-secret']);
  });

  it('treats an empty variable as one that is not set', () => {
    expect(loadAppConfig({ ...SIX, PORT: '', GITEA_TOKEN: ' ', API_TOKEN: '' })).toMatchObject({
      gitea: { token: null },
      http: { port: 8000, apiToken: null },
    });
  });

  it('names every mistake at once', () => {
    const environment = { GITEA_URL: 'ftp://gitea', PORT: 'eighty', LOG_LEVEL: 'loud' };
    const named = ['GITEA_WEBHOOK_SECRET', 'ANTHROPIC_API_KEY', 'GITEA_URL', 'LOG_LEVEL', 'PORT'];

    expect(() => loadAppConfig(environment)).toThrow(InvalidConfigurationError);
    expect(() => loadAppConfig(environment)).toThrow(
      expect.objectContaining({ problems: named.map((name) => expect.stringMatching(new RegExp(`^${name} `))) }),
    );
  });

  it.each([
    ['GITEA_WEBHOOK_SECRET', 'short'],
    ['GITEA_WEBHOOK_SECRET', 'long-enough-to-be-one,'],
    ['GITEA_URL', 'https://user:password@gitea'],
    ['GITEA_URL', 'gitea'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['HOST', 'a b'],
    ['API_TOKEN', 'short'],
    ['GITEA_BOT_NAME', 'a/b'],
    ['ANTHROPIC_BASE_URL', 'nowhere'],
    ['MAX_RUNNING', '0'],
    ['LEASE_SECONDS', '1e9'],
    ['COMPACT_AT_PERCENT', '95'],
  ])('refuses %s=%s in a sentence that does not show the value', (name, value) => {
    const load = () => loadAppConfig({ ...SIX, [name]: value });

    expect(load).toThrow(expect.objectContaining({ problems: [expect.stringMatching(new RegExp(`^${name} must`))] }));
    expect(load).not.toThrow(`${value} `);
  });

  it('knows every secret value, also of the variables that a profile names, so that none gets out', () => {
    const { scrubber, profiles } = loadAppConfig({
      ...SIX,
      GITEA_TOKEN: 'token-of-the-bot',
      GLM_API_KEY: 'key-of-glm',
      OWN_KEY: 'key-of-a-profile',
    });
    const before = scrubber.scrub('key-of-a-profile');

    expect(profiles.secretOf('OWN_KEY')).toBe('key-of-a-profile');
    expect(profiles.secretOf('MISSING')).toBeUndefined();
    expect(before).toBe('key-of-a-profile');
    expect(
      scrubber.scrub('a-secret-of-the-webhook key-of-the-model token-of-the-bot key-of-glm key-of-a-profile'),
    ).toBe('[secret] [secret] [secret] [secret] [secret]');
  });

  it('passes on where programs are found, and nothing else of the environment', () => {
    expect(loadAppConfig({ ...SIX, PATH: '/usr/bin', LANG: 'C' }).inherited).toEqual({ PATH: '/usr/bin' });
  });

  it('reads the other profiles and paths', () => {
    const { profiles, dataFolder } = loadAppConfig({
      ...SIX,
      GLM_BASE_URL: 'http://glm:1/',
      MINIMAX_BASE_URL: 'http://minimax:1',
      MINIMAX_API_KEY: 'k',
      AGENT_PROFILES_FILE: '/etc/profiles.yml',
      DATA_FOLDER: '/var/lib/mosaic',
      OTHER_KEY: 'o',
    });

    expect(dataFolder).toBe('/var/lib/mosaic');
    expect(profiles).toMatchObject({
      file: '/etc/profiles.yml',
      glm: { baseUrl: 'http://glm:1/', apiKey: null },
      minimax: { baseUrl: 'http://minimax:1', apiKey: 'k' },
    });
    expect([profiles.secretOf('OTHER_KEY'), profiles.secretOf('NO_KEY')]).toEqual(['o', undefined]);
  });
});

describe('VARIABLES', () => {
  it('has one row for each property of the class, and no other', () => {
    const checks = getMetadataStorage().getTargetValidationMetadatas(EnvironmentVariables, '', false, false);

    const properties = [...new Set(checks.map(({ propertyName }) => propertyName))];

    expect(properties.sort()).toEqual(VARIABLES.map(({ name }) => name).sort());
  });
});
