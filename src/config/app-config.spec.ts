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
      limits: {
        running: 4,
        runningPerRepository: 2,
        rejections: 5,
        roundsWithoutProgress: 3,
        failures: 5,
        turns: 100,
        reviewRounds: 20,
      },
      context: { compactAt: 0.8, rotateAt: 0.95 },
      times: { leaseMs: 12_000, loopIntervalMs: 4_000 },
    });
  });

  it('uses the embedded database unless an address is given', () => {
    const url = 'postgresql://mosaic:p%40ssword-1@db.example.org:5432/mosaic?sslmode=verify-full';

    expect(loadAppConfig(SIX).database).toEqual({
      url: null,
      poolSize: 10,
      statementTimeoutMs: 10_000,
      startWaitMs: 60_000,
    });
    expect(loadAppConfig({ ...SIX, DATABASE_URL: url }).database.url).toBe(url);
  });

  it('hides the password of the database as it is typed and as it is', () => {
    const { scrubber } = loadAppConfig({ ...SIX, DATABASE_URL: 'postgres://mosaic:p%40ssword-1@db/mosaic' });

    expect(scrubber.scrub('p%40ssword-1 or p@ssword-1')).toBe('[secret] or [secret]');
    expect(loadAppConfig({ ...SIX, DATABASE_URL: 'postgres://mosaic:100%-secret@db/mosaic' }).scrubber).toBeDefined();
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
    ['DATABASE_URL', 'mysql://user:password@host/name'],
    ['DATABASE_URL', 'postgres://user:password@host'],
    ['DATABASE_POOL_SIZE', '1'],
    ['DATABASE_STATEMENT_SECONDS', '0'],
    ['GITEA_WEBHOOK_SECRET', 'short'],
    ['GITEA_WEBHOOK_SECRET', 'long-enough-to-be-one,'],
    ['GITEA_URL', 'https://user:password@gitea'],
    ['GITEA_URL', 'gitea'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['HOST', 'a b'],
    ['API_TOKEN', 'short'],
    ['GITEA_BOT_NAME', 'a/b'],
    ['LABEL_SCOPE', 'a/b'],
    ['ALLOWED_USER_IDS', '1,ann'],
    ['BLOCKED_USER_IDS', '0'],
    ['ANTHROPIC_BASE_URL', 'nowhere'],
    ['MAX_RUNNING', '0'],
    ['LEASE_SECONDS', '1e9'],
    ['ALLOW_UNSANDBOXED_AGENT', 'yes'],
    ['SANDBOX_READABLE', '/opt:opt/go'],
    ['EGRESS_ALLOWED_HOSTS', 'https://registry.example.org/'],
    ['EGRESS_ALLOWED_HOSTS', 'a.example.org,,b_c'],
    ['EGRESS_PRIVATE_HOSTS', 'registry internal'],
    ['BUDGET_DAY_USD', '0'],
    ['BUDGET_ISSUE_USD', 'much'],
    ['BUDGET_RUN_TOKENS', '1.5'],
    ['CALIBRATION', '1'],
    ['COMPACT_AT_PERCENT', '95'],
    ['RETENTION_DAYS', '0'],
    ['RETENTION_DELIVERY_ID_DAYS', '29'],
    ['RETENTION_MEGABYTES', '1.5'],
    ['DISK_RESERVE_MEGABYTES', '-1'],
  ])('refuses %s=%s in a sentence that does not show the value', (name, value) => {
    const load = () => loadAppConfig({ ...SIX, [name]: value });

    expect(load).toThrow(expect.objectContaining({ problems: [expect.stringMatching(new RegExp(`^${name} must`))] }));
    expect(load).not.toThrow(`${value} `);
  });

  it('keeps what belongs to ended jobs for a month, ids of deliveries for two years, and half a gigabyte free', () => {
    expect(loadAppConfig(SIX).retention).toEqual({
      keepMs: 2_592_000_000,
      keepDeliveryIdsMs: 63_072_000_000,
      maxFolderBytes: 21_474_836_480,
      maxRecordBytes: 1_073_741_824,
      reserveBytes: 536_870_912,
    });
  });

  it('refuses an account that is allowed and blocked at once', () => {
    const lists = { ALLOWED_USER_IDS: '7,8', BLOCKED_USER_IDS: '8' };

    expect(() => loadAppConfig({ ...SIX, ...lists })).toThrow(
      expect.objectContaining({ problems: ['ALLOWED_USER_IDS and BLOCKED_USER_IDS must not name the same account'] }),
    );
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

  it('confines agents, lets them reach no host and limits what is spent, unless it is told otherwise', () => {
    expect(loadAppConfig(SIX)).toMatchObject({
      sandbox: {
        isOptional: false,
        readable: [],
        memoryBytes: 4_294_967_296,
        processes: 1_024,
        fileBytes: 2_147_483_648,
      },
      egress: { allowedHosts: [], privateHosts: [] },
      budgets: {
        run: { tokens: null, usd: null },
        issue: { tokens: null, usd: 20 },
        day: { tokens: null, usd: 100 },
      },
      isCalibrated: true,
    });
  });

  it('reads lists, switches and budgets', () => {
    const config = loadAppConfig({
      ...SIX,
      ALLOW_UNSANDBOXED_AGENT: 'true',
      SANDBOX_READABLE: '/opt/go: /opt/java',
      EGRESS_ALLOWED_HOSTS: 'registry.npmjs.org, *.example.org:8443',
      EGRESS_PRIVATE_HOSTS: 'registry.internal:4873',
      ALLOWED_USER_IDS: '7, 8',
      BUDGET_RUN_TOKENS: '1000000',
      BUDGET_RUN_USD: '2.5',
      BUDGET_DAY_USD: '7',
      CALIBRATION: 'false',
    });

    expect(config).toMatchObject({
      sandbox: { isOptional: true, readable: ['/opt/go', '/opt/java'] },
      egress: { allowedHosts: ['registry.npmjs.org', '*.example.org:8443'], privateHosts: ['registry.internal:4873'] },
      people: { allowed: [7, 8], blocked: [] },
      budgets: { run: { tokens: 1_000_000, usd: 2.5 }, day: { usd: 7 } },
      isCalibrated: false,
    });
  });

  it('passes on where programs are found, and nothing else of the environment', () => {
    expect(loadAppConfig({ ...SIX, PATH: '/usr/bin', LANG: 'C' }).inherited).toEqual({ PATH: '/usr/bin' });
  });

  it('passes on which certificates are trusted', () => {
    const given = { NODE_EXTRA_CA_CERTS: '/etc/ca.pem', SSL_CERT_DIR: '/etc/certs', PIP_CERT: '' };

    expect(loadAppConfig({ ...SIX, ...given }).certificates).toEqual({
      NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
      SSL_CERT_DIR: '/etc/certs',
    });
  });

  it('reads the other profiles and paths', () => {
    const { profiles, dataFolder, gatesFile } = loadAppConfig({
      ...SIX,
      GLM_BASE_URL: 'http://glm:1/',
      MINIMAX_BASE_URL: 'http://minimax:1',
      MINIMAX_API_KEY: 'k',
      AGENT_PROFILES_FILE: '/etc/profiles.yml',
      GATES_FILE: '/etc/gates.yml',
      DATA_FOLDER: '/var/lib/mosaic',
      OTHER_KEY: 'o',
    });

    expect(dataFolder).toBe('/var/lib/mosaic');
    expect([gatesFile, loadAppConfig(SIX).gatesFile]).toEqual(['/etc/gates.yml', null]);
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
