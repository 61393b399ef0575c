import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_DOCUMENT_LENGTH } from './configuration-document.js';
import { parseRepositoryConfiguration, type RepositoryConfiguration } from './gate-configuration.js';
import { EXAMPLE_CONFIGURATION } from './gate-definitions.js';
import { InvalidGatesConfigurationError, type ConfigurationMistake } from './quality-gates.errors.js';

const TEN_MINUTES = 600_000;
const parse = (text: string): RepositoryConfiguration => parseRepositoryConfiguration(text, 'the file', TEN_MINUTES);
const script = (text: string): readonly string[] => ['bash', '-euo', 'pipefail', '-c', text];

const OWN_GATES = Array.from({ length: 21 }, (_, n) => `  own-${n}: { run: x, phase: lint }\n`).join('');

describe('parseRepositoryConfiguration', () => {
  it('reads scripts, programs, limits and reports, in the order in which gates run', () => {
    const { gates } = parse(`gates:
  coverage:
    run: [npx, c8, npm, test]
    timeout: 90s
    report: coverage/lcov.info
    threshold: 82.5
  test: npm test
  setup:
    run: |
      npm ci --ignore-scripts
      npm run prepare
    timeout: 1200
  lint: off
  build: false
`);

    expect(gates).toEqual([
      {
        name: 'setup',
        kind: 'setup',
        directory: null,
        isRequired: true,
        retries: 0,
        argv: script('npm ci --ignore-scripts\nnpm run prepare\n'),
        timeoutMs: 1_200_000,
        report: null,
        threshold: null,
        maxFall: null,
        changedLines: null,
        origin: 'the file, line 8: gates.setup',
      },
      {
        name: 'test',
        kind: 'test',
        directory: null,
        isRequired: true,
        retries: 0,
        argv: script('npm test'),
        timeoutMs: TEN_MINUTES,
        report: null,
        threshold: null,
        maxFall: null,
        changedLines: null,
        origin: 'the file, line 7: gates.test',
      },
      {
        name: 'coverage',
        kind: 'coverage',
        directory: null,
        isRequired: true,
        retries: 0,
        argv: ['npx', 'c8', 'npm', 'test'],
        timeoutMs: 90_000,
        report: 'coverage/lcov.info',
        threshold: 82.5,
        maxFall: null,
        changedLines: null,
        origin: 'the file, line 2: gates.coverage',
      },
    ]);
  });

  it("reads gates of the repository's own, each behind the gate of its phase", () => {
    const { gates } = parse(`gates:
  security: { run: [npm, audit], phase: coverage, required: false, report: a.json }
  types: { run: tsc, phase: lint, directory: packages/server, retries: 2 }
  generate: { phase: setup, run: make generate }
  test: { run: mvn test, report: '**/target/surefire-reports/TEST-*.xml', retries: 0, required: true }
  lint: eslint
`);

    expect(gates?.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'setup generate',
      'lint lint',
      'lint types',
      'test test',
      'coverage security',
    ]);
    expect(gates?.[2]).toMatchObject({ directory: 'packages/server', retries: 2, isRequired: true, report: null });
    expect(gates?.[3]).toMatchObject({ report: '**/target/surefire-reports/TEST-*.xml', retries: 0 });
    expect(gates?.[4]).toMatchObject({
      isRequired: false,
      report: 'a.json',
      origin: 'the file, line 2: gates.security',
    });
  });

  it('reads which downloads of a setup are kept', () => {
    const text = (cache: string): string => `gates:\n  test: x\n  setup:\n    run: npm ci\n    cache: ${cache}\n`;

    expect(parse(text('{ key: [package-lock.json], paths: [.npm/_cacache] }'))).toMatchObject({
      gates: [{ cache: { key: ['package-lock.json'], paths: ['.npm/_cacache'] } }, { name: 'test' }],
    });
    expect(() => parse(text('{ key: package-lock.json, paths: [../x], path: [] }'))).toThrow(
      /"path" is not known in gates\.setup\.cache; known are key, paths[^]*cache\.key must be a list of 1 to 20 paths[^]*cache\.paths must be a path inside/,
    );
    expect(() => parse('gates:\n  test: { run: x, cache: {} }')).toThrow(/"cache" is not known in gates\.test/);
  });

  it('reads what is demanded of gates that are red on the base commit, and of coverage', () => {
    const text = 'base: must_pass\ngates:\n  test: x\n  coverage: { run: x, max_fall: 0.5, changed_lines: 90 }\n';

    expect(parse(text)).toMatchObject({ base: 'must_pass', gates: [{}, { maxFall: 0.5, changedLines: 90 }] });
  });

  it('reads the prompt and the limits', () => {
    expect(parse('prompt: Write in British English.\nlimits: { rejections: 4 }\n')).toEqual({
      gates: null,
      base: null,
      prompt: 'Write in British English.',
      limits: { rejections: 4, tokens: null, usd: null, minutes: null },
      blockers: null,
      decompose: false,
    });
  });

  it('reads budgets and the time of a run', () => {
    expect(parse('limits:\n  tokens: 5000000\n  usd: 2.5\n  minutes: 90\n').limits).toEqual({
      rejections: null,
      tokens: 5_000_000,
      usd: 2.5,
      minutes: 90,
    });
  });

  it('reads when blockers are finished, and whether large issues are split', () => {
    expect(parse('blockers: merged\ndecompose: true\n')).toMatchObject({ blockers: 'merged', decompose: true });
    expect(parse('blockers: closed\ndecompose: false\n')).toMatchObject({ blockers: 'closed', decompose: false });
  });

  it.each(['', '# nothing but a comment\n', '---\n', 'limits: {}'])('takes %j for a file that says nothing', (text) => {
    expect(parse(text)).toEqual({
      gates: null,
      base: null,
      prompt: null,
      limits: { rejections: null, tokens: null, usd: null, minutes: null },
      blockers: null,
      decompose: false,
    });
  });

  it('reads the example that it shows to people', () => {
    expect(parse(EXAMPLE_CONFIGURATION).gates?.map(({ kind }) => kind)).toEqual([
      'setup',
      'build',
      'lint',
      'test',
      'coverage',
    ]);
  });

  it.each([
    [
      'an unknown key',
      'gates:\n  test: x\nextra: 1',
      3,
      /"extra" is not known here; known are gates, base, prompt, limits/,
    ],
    ['an unknown gate', 'gates:\n  test: x\n  tset: x', 3, /"tset" is not known in gates/],
    [
      'an unknown key of a gate',
      'gates:\n  test:\n    run: x\n    tiemout: 3',
      4,
      /"tiemout" is not known in gates.test/,
    ],
    ['a threshold of tests', 'gates:\n  test: { run: x, threshold: 3 }', 2, /"threshold" is not known in gates.test/],
    ['a report of lint', 'gates:\n  test: x\n  lint: { run: x, report: y }', 3, /"report" is not known in gates.lint/],
    ['an own gate without a phase', 'gates:\n  test: x\n  types: { run: x }', 3, /"types" is not known in gates/],
    [
      'an own gate of an unknown phase',
      'gates:\n  test: x\n  types: { run: x, phase: late }',
      3,
      /one of setup, build/,
    ],
    [
      'an own gate with a long name',
      `gates:\n  test: x\n  ${'a'.repeat(31)}: { run: x, phase: lint }`,
      3,
      /at most 30/,
    ],
    ['an own gate with an odd name', 'gates:\n  test: x\n  "a/b": { run: x, phase: lint }', 3, /such as type-check/],
    [
      'a phase of a gate that has one',
      'gates:\n  test: { run: x, phase: lint }',
      2,
      /"phase" is not known in gates.test/,
    ],
    [
      'a report of an own lint',
      'gates:\n  test: x\n  a: { run: x, phase: lint, report: b }',
      3,
      /"report" is not known/,
    ],
    ['too many own gates', `gates:\n  test: x\n${OWN_GATES}`, 1, /at most 20/],
    ['tests that only advise', 'gates:\n  test: { run: x, required: false }', 2, /required cannot be false/],
    ['a gate that is required by a text', 'gates:\n  test: { run: x, required: "no" }', 2, /must be true or false/],
    ['too many retries', 'gates:\n  test: { run: x, retries: 4 }', 2, /from 0 to 3/],
    ['half a retry', 'gates:\n  test: { run: x, retries: 0.5 }', 2, /retries must be a whole number/],
    ['a directory outside', 'gates:\n  test: { run: x, directory: ../a }', 2, /such as packages\/server/],
    ['a report of two unknown depths', 'gates:\n  test: { run: x, report: "**/a/**/b" }', 2, /may hold \*\* once/],
    ['an unknown limit', 'limits:\n  turns: 3', 2, /"turns" is not known in limits/],
    ['a key of Object', 'gates:\n  test: x\n__proto__: 3', 3, /"__proto__" is not known/],
    ['no test gate', 'gates:\n  build: x', 1, /gates.test is missing/],
    ['test switched off', 'gates:\n  test: off', 2, /gates.test cannot be off/],
    ['no mapping', '- gates', 1, /The file must be a mapping/],
    ['a text', 'gates', 1, /The file must be a mapping/],
    ['gates that are a list', 'gates: [test]', 1, /gates must be a mapping/],
    ['gates without a value', 'gates:', 1, /gates must be a mapping/],
    ['a gate that is a number', 'gates:\n  test: 3', 2, /gates.test must be a mapping/],
    ['a gate without run', 'gates:\n  test: { timeout: 3 }', 2, /gates.test.run must be a script/],
    ['an empty script', "gates:\n  test: ' '", 2, /gates.test.run must be a script/],
    ['an empty list', 'gates:\n  test: { run: [] }', 2, /gates.test.run must be a script/],
    ['an empty program', 'gates:\n  test: { run: ["", a] }', 2, /gates.test.run must be a script/],
    ['an argument that is a number', 'gates:\n  test: { run: [a, 3] }', 2, /gates.test.run must be a script/],
    ['a zero byte', 'gates:\n  test: { run: ["a\\0"] }', 2, /gates.test.run must be a script/],
    ['a time of nothing', 'gates:\n  test: { run: a, timeout: 0 }', 2, /gates.test.timeout must be a time/],
    ['a time too long', 'gates:\n  test: { run: a, timeout: 7h }', 2, /from 1s to 6h/],
    ['a time without unit', 'gates:\n  test: { run: a, timeout: "7" }', 2, /gates.test.timeout must be a time/],
    ['an endless time', 'gates:\n  test: { run: a, timeout: .inf }', 2, /gates.test.timeout must be a time/],
    ['a threshold beyond 100', 'gates:\n  test: x\n  coverage: { run: x, threshold: 101 }', 3, /from 0 to 100/],
    ['a threshold that is a text', 'gates:\n  test: x\n  coverage: { run: x, threshold: "9" }', 3, /from 0 to 100/],
    ['a threshold that is no number', 'gates:\n  test: x\n  coverage: { run: x, threshold: .nan }', 3, /from 0 to 100/],
    ['a report above the checkout', 'gates:\n  test: { run: x, report: a/../../b }', 2, /inside the repository/],
    ['an absolute report', 'gates:\n  test: { run: x, report: /etc/passwd }', 2, /inside the repository/],
    ['a report in .git', 'gates:\n  test: { run: x, report: .git/config }', 2, /inside the repository/],
    ['a report with a backslash', 'gates:\n  test: { run: x, report: a\\b }', 2, /inside the repository/],
    ['a report that is a number', 'gates:\n  test: { run: x, report: 3 }', 2, /must be a text/],
    ['a policy that is unknown', 'prompt: a\nbase: may_fail', 2, /base must be one of must_not_worsen, must_pass/],
    ['a fall beyond 100', 'gates:\n  test: x\n  coverage: { run: x, max_fall: 101 }', 3, /max_fall must be a number/],
    [
      'changed lines of a text',
      'gates:\n  test: x\n  coverage: { run: x, changed_lines: a }',
      3,
      /changed_lines must be/,
    ],
    ['a fall of tests', 'gates:\n  test: { run: x, max_fall: 1 }', 2, /"max_fall" is not known in gates.test/],
    ['a prompt that is a list', 'prompt: [a]', 1, /prompt must be a text/],
    ['a fraction of a rejection', 'limits:\n  rejections: 1.5', 2, /must be a whole number/],
    ['a negative limit', 'limits:\n  rejections: -1', 2, /from 1 to 1000/],
    ['a fraction of a token', 'limits:\n  tokens: 1.5', 2, /limits.tokens must be a whole number/],
    ['a limit that is a text', 'limits:\n  tokens: 1_000', 2, /limits.tokens must be a number from 1 to 1000000000000/],
    ['a budget of nothing', 'limits:\n  usd: 0', 2, /limits.usd must be a number from 0.01 to 1000000/],
    ['a time that has a unit', 'limits:\n  minutes: 90m', 2, /limits.minutes must be a number from 1 to 10080/],
    ['half a minute', 'limits:\n  minutes: 1.5', 2, /limits.minutes must be a whole number/],
    ['an end of blockers that is none', 'blockers: reviewed', 1, /blockers must be one of closed, merged/],
    ['a wish to split that is a text', 'decompose: "yes"', 1, /decompose must be true or false/],
    ['a limit that is a list', 'limits: []', 1, /limits must be a mapping/],
    ['the same key twice', 'prompt: a\nprompt: b', 2, /unique/],
    ['a broken text', 'gates: [', 1, /./],
    ['an anchor', 'prompt: &a b', 1, /Anchors/],
    ['an alias', 'prompt: &a b\nlimits: *a', 2, /Aliases/],
    ['a tag', 'prompt: !!str b', 1, /The tag .* is not supported/],
    ['an unknown tag', 'prompt: !run b', 1, /!run/],
    ['a merge key', 'limits:\n  <<: { time: 3 }', 2, /"<<" is not known/],
    ['a key that is a list', '? [a]\n: b', 1, /A key must be a text/],
    ['a key that is a number', '3: b', 1, /A key must be a text/],
    ['a directive', '%RUN x\n---\nprompt: a', 1, /directive/],
    ['two documents', 'prompt: a\n---\nprompt: b', 2, /multiple documents/],
    ['a text too long', `# ${'x'.repeat(MAX_DOCUMENT_LENGTH)}`, 1, /at most 65536/],
    ['nested lists', `prompt: ${'['.repeat(5000)}`, 1, /nested too deeply/],
    ['a row of lists', `prompt:\n  ${'- '.repeat(5000)}`, 1, /nested too deeply/],
    ['a deep indentation', `${' '.repeat(100)}a: b`, 1, /nested too deeply/],
  ])('refuses %s and says where', async (_name, text, line, message) => {
    const mistakes = await mistakesOf(text);

    expect(mistakes).toContainEqual({ line, text: expect.stringMatching(message) });
  });

  it('refuses a bomb of aliases in no time', async () => {
    const lines = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`);

    expect((await mistakesOf(`a0: &a0 [x]\n${lines.join('\n')}`)).length).toBeGreaterThan(30);
  });

  it('lists every mistake, by lines', async () => {
    const text = 'limits:\n  rejections: x\n  time: y\nother: 1\ngates:\n  test: off\n  lint: 3\n';

    expect(() => parse(text)).toThrow(InvalidGatesConfigurationError);
    expect((await mistakesOf(text)).map(({ line }) => line)).toEqual([2, 3, 4, 6, 7]);
    expect(() => parse(text)).toThrow(/^the file is not valid:\n- line 2: limits.rejections .*\n- line 3: .*time/);
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'GATES_CONFIGURATION_INVALID' }));
  });

  it('throws nothing but its own error', async () => {
    const pieces = fc.constantFrom(
      'gates:\n',
      '  test: ',
      '  ',
      '- ',
      '? ',
      '{',
      '[',
      ': ',
      '&a ',
      '*a ',
      '!!map ',
      '|\n',
      '"',
      '\n',
      '%',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(pieces, fc.string())), async (parts) => {
        const outcome = await errorOf(parts.join(''));

        expect(outcome === null || outcome instanceof InvalidGatesConfigurationError).toBe(true);
      }),
    );
  });
});

async function mistakesOf(text: string): Promise<readonly ConfigurationMistake[]> {
  const error = await errorOf(text);
  return error instanceof InvalidGatesConfigurationError ? error.mistakes : [];
}

/** What parsing a text throws, or null. */
function errorOf(text: string): Promise<unknown> {
  return Promise.resolve(text)
    .then(parse)
    .then(() => null)
    .catch((error: unknown) => error);
}
