import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseProfileFile } from './profile-file.js';

const SHORT = `
profiles:
  - name: local
    model: org/model:tag
    windowTokens: 128000
    difficultyUpTo: medium
`;

describe('parseProfileFile', () => {
  it('reads a full profile from YAML', () => {
    const text = `
profiles:
  - name: own
    runtime: scripted
    model: own-1
    baseUrl: http://localhost:8080/v1
    apiKeyEnv: OWN_KEY
    windowTokens: 64000
    maxOutputTokens: 4096
    difficultyUpTo: hard
    prices: { input: 0.5, output: 2 }
    selfHosted: true
    maxConcurrent: 3
`;

    expect(parseProfileFile(text, (variable) => `value of ${variable}`)).toEqual([
      {
        name: 'own',
        runtime: 'scripted',
        model: 'own-1',
        baseUrl: 'http://localhost:8080/v1',
        apiKey: 'value of OWN_KEY',
        windowTokens: 64_000,
        maxOutputTokens: 4_096,
        difficultyUpTo: 'hard',
        prices: { input: 0.5, output: 2 },
        isSelfHosted: true,
        maxConcurrent: 3,
        unusableBecause: null,
      },
    ]);
  });

  it('reads which agent is started, prices of the cache and a budget', () => {
    const text = `
profiles:
  - { name: a, model: m, windowTokens: 200000, difficultyUpTo: easy, runtime: acp, preset: codex-acp,
      prices: { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 }, budget: { usdPerDay: 5 } }
  - { name: b, model: m, windowTokens: 200000, difficultyUpTo: easy, runtime: acp, preset: opencode, protocol: openai }
  - { name: c, model: m, windowTokens: 200000, difficultyUpTo: easy, runtime: acp, command: [/opt/agent, --acp] }
  - { name: d, model: m, windowTokens: 200000, difficultyUpTo: easy, runtime: claude, command: [/opt/claude],
      budget: { tokensPerDay: 1000000 } }
  - { name: e, model: m, windowTokens: 200000, difficultyUpTo: easy, runtime: own, protocol: google }
`;

    const [a, b, c, d, e] = parseProfileFile(text, () => undefined);

    expect(a).toMatchObject({
      preset: 'codex-acp',
      protocol: 'openai',
      prices: { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 },
      budget: { tokensPerDay: null, usdPerDay: 5 },
    });
    expect(b).toMatchObject({ preset: 'opencode', protocol: 'openai' });
    expect(c).toMatchObject({ command: ['/opt/agent', '--acp'] });
    expect(c).not.toHaveProperty('protocol');
    expect(d).toMatchObject({ command: ['/opt/claude'], budget: { tokensPerDay: 1_000_000, usdPerDay: null } });
    expect(e).toMatchObject({ runtime: 'own', protocol: 'google' });
  });

  it('reads the example of the README', () => {
    const [, example = ''] = /```yaml\n(profiles:[^]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? [];

    expect(
      parseProfileFile(example, () => 'a key').map(({ runtime, unusableBecause }) => [runtime, unusableBecause]),
    ).toEqual(['claude', 'acp', 'embedded'].map((runtime) => [runtime, null]));
  });

  it.each([
    ['runtime: acp', 'preset: must name a known agent, or command must name a program'],
    ['runtime: acp, preset: cursor', 'preset: preset must be one of the following values: claude-agent-acp, codex-acp'],
    ['runtime: claude, preset: opencode', 'preset: is for the runtime acp alone'],
    ['runtime: claude, protocol: openai', 'protocol: is not spoken by the runtime claude, which speaks anthropic'],
    ['protocol: google', 'protocol: is not spoken by the runtime embedded, which speaks anthropic'],
    ['runtime: acp, preset: gemini, protocol: openai', 'protocol: is not spoken by gemini, which speaks google'],
    ['command: [agent]', 'command: is not for the runtime embedded, which starts no program'],
    ['runtime: acp, command: agent', 'command: '],
    ['runtime: acp, command: []', 'command: '],
    ['runtime: acp, command: [agent, 3]', 'command: command must be a program and its arguments, each a text'],
    ['runtime: acp, preset: opencode, protocol: soap', 'protocol: protocol must be one of'],
    ['budget: { tokensPerDay: 0 }', 'budget.tokensPerDay: '],
    ['budget: 3', 'budget: must be a mapping with tokensPerDay, usdPerDay'],
  ])('refuses %s', (keys, sentence) => {
    const text = `profiles: [{ name: a, model: m, windowTokens: 200000, difficultyUpTo: easy, ${keys} }]`;

    expect(() => parseProfileFile(text, () => undefined)).toThrow(`profiles[0].${sentence}`);
  });

  it('fills in what is left out, and leaves an unknown price unknown', () => {
    expect(parseProfileFile(SHORT, () => undefined)).toEqual([
      {
        name: 'local',
        runtime: 'embedded',
        model: 'org/model:tag',
        baseUrl: null,
        apiKey: null,
        windowTokens: 128_000,
        maxOutputTokens: 8_192,
        difficultyUpTo: 'medium',
        prices: null,
        isSelfHosted: false,
        maxConcurrent: 1,
        unusableBecause: null,
      },
    ]);
  });

  it('takes a self-hosted model without prices to cost nothing', () => {
    const [profile] = parseProfileFile(`${SHORT}    selfHosted: true\n    prices: null\n`, () => undefined);

    expect(profile?.prices).toEqual({ input: 0, output: 0 });
  });

  it('reads JSON', () => {
    const profile = { name: 'j', model: 'j', windowTokens: 10_000, difficultyUpTo: 'easy' };

    expect(parseProfileFile(JSON.stringify({ profiles: [profile] }), () => undefined)).toHaveLength(1);
  });

  it.each(['', undefined])('makes a profile unusable whose key variable is %p', (value) => {
    const [profile] = parseProfileFile(`${SHORT}    apiKeyEnv: LOCAL_KEY\n`, () => value);

    expect(profile).toMatchObject({ apiKey: null, unusableBecause: 'no key is configured: set LOCAL_KEY' });
  });

  it('lists every mistake with its place', () => {
    const text = `
profiles:
  - name: "a b"
    model: ""
    baseUrl: ftp://x
    apiKeyEnv: sk-not-a-name
    windowTokens: 1.5
    difficultyUpTo: extreme
    prices: { input: -1, currency: EUR }
    selfHosted: 1
    maxConcurrent: 0
    apiKey: sk-secret
  - 12
  - name: b
    model: b
    windowTokens: 8192
    difficultyUpTo: easy
    prices: 3
  - name: B
    model: b
    difficultyUpTo: easy
`;

    const paths = [
      'profiles[0].apiKey',
      'profiles[0].name',
      'profiles[0].model',
      'profiles[0].baseUrl',
      'profiles[0].apiKeyEnv',
      'profiles[0].windowTokens',
      'profiles[0].difficultyUpTo',
      'profiles[0].selfHosted',
      'profiles[0].maxConcurrent',
      'profiles[0].prices.currency',
      'profiles[0].prices.input',
      'profiles[0].prices.output',
      'profiles[0].maxOutputTokens',
      'profiles[1]',
      'profiles[2].prices',
      'profiles[2].maxOutputTokens',
      'profiles[3].windowTokens',
      'profiles[3].name',
    ];
    const parse = () => parseProfileFile(text, () => undefined);

    expect(parse).toThrow(
      expect.objectContaining({
        code: 'AGENTS_PROFILES_INVALID',
        mistakes: paths.map((path) => expect.objectContaining({ path })),
      }),
    );
    expect(parse).toThrow(expect.objectContaining({ message: expect.not.stringContaining('sk-') }));
  });

  it.each([
    ['an empty file', '', 'The file must be a mapping with the key "profiles"'],
    ['a list', '[]', 'The file must be a mapping with the key "profiles"'],
    ['no profile', 'profiles: []', 'profiles: must be a list of at least one profile'],
    ['another key', 'profiles: []\nagents: []', 'agents: is not known; known are profiles'],
    ['a key that names the prototype', '__proto__: 1', '__proto__: is not known'],
    ['broken YAML', 'profiles: [', 'at line 1'],
    ['a key twice', 'profiles: []\nprofiles: []', 'Map keys must be unique'],
    ['too much', ' '.repeat(262_145), 'longer than 262144 characters'],
  ])('refuses %s', (_, text, sentence) => {
    expect(() => parseProfileFile(text, () => undefined)).toThrow(sentence);
  });

  it('refuses aliases that multiply', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`);
    const text = `a0: &a0 x\n${levels.join('\n')}\nprofiles: *a9`;

    expect(() => parseProfileFile(text, () => undefined)).toThrow('repeats an alias too often');
  });
});
