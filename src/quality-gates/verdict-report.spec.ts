import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failedResult } from './gate-result.js';
import type { GateResult } from './quality-gates.types.js';
import { verdictOf } from './verdict.js';
import { verdictReport } from './verdict-report.js';

const COMMIT = 'b'.repeat(40);
const red = (summary: string, evidence: string, argv: readonly string[] = ['npm', 'test']): GateResult => ({
  ...failedResult({ name: 'test', argv, origin: 'test', isRequired: true }, 'change', summary, evidence),
  durationMs: 1234,
});
const green: GateResult = { ...red('Exit code 0', 'quiet'), gate: 'build', passed: true, fault: null };

describe('verdictReport', () => {
  it('writes a table of the gates and what failed below it', () => {
    expect(verdictReport(verdictOf(COMMIT, [green, red('1 of 2 tests failed', '✖ adds\n✔ subtracts')], 0)))
      .toBe(`**Quality gates: failed** for commit bbbbbbbbbbbb. test failed: 1 of 2 tests failed

| gate | result | seen | command | time |
| --- | --- | --- | --- | --- |
| build | ✅ passed | Exit code 0 | npm test | 1.2 s |
| test | ❌ failed | 1 of 2 tests failed | npm test | 1.2 s |

<details><summary>What failed in test</summary>

<pre>✖ adds</pre>

</details>`);
  });

  it('tells what it was compared with, what was red before, and which gate files were touched', () => {
    const old: GateResult = { ...green, gate: 'lint', isRedOnBase: true };
    const touched = ['.npmrc', ...Array.from({ length: 50 }, (_, n) => `a${n}/tox.ini`)];
    const text = verdictReport({
      ...verdictOf(COMMIT, [green, old], 0),
      base: { commit: 'd'.repeat(40), failed: ['lint', 'my-gate'] },
      tools: { node: 'v20', go: 'go1 <b>' },
      gateFilesTouched: touched,
    });

    expect(text).toContain('| lint | ⚠️ red as before this change |');
    expect(text).toContain(
      'Compared with the base commit dddddddddddd, where these gates fail: lint, my&#45;gate. Run with node: v20; go: go1 &#60;b&#62;.',
    );
    expect(text).toContain('**Gate files touched**: <code>.npmrc</code>, <code>a0/tox.ini</code>');
    expect(text).toContain("and 1 more. The gates ran with the base's; a person decides on the change.");
  });

  it('tells versions without a base commit, and a base commit on which nothing fails', () => {
    const verdict = verdictOf(COMMIT, [green], 0);

    expect(verdictReport({ ...verdict, tools: { node: 'v20' } })).toContain('\n\nRun with node: v20.');
    expect(verdictReport({ ...verdict, base: { commit: 'd'.repeat(40), failed: [] } })).toMatch(
      /Compared with the base commit dddddddddddd\.$/,
    );
  });

  it('shows the table alone when everything passed', () => {
    const text = verdictReport(verdictOf(COMMIT, [green], 0));

    expect(text).toContain('**Quality gates: passed** for commit bbbbbbbbbbbb. build passed');
    expect(text).not.toContain('details');
  });

  it('shows advice as it is where nothing was run', () => {
    const text = verdictReport(verdictOf(COMMIT, [red('No gates are known', 'gates:\n  test: x\n', [])], 0));

    expect(text).toContain('| test | ❌ failed | No gates are known | — | — |');
    expect(text).toContain('<pre>gates:\n  test: x</pre>');
  });

  it.each([
    ['closes #12', 'closes &#35;&#8203;12'],
    ['see owner/repo!3', 'see owner/repo&#33;&#8203;3'],
    ['@somebody', '&#64;&#8203;somebody'],
    ['</pre><script>', '&#60;/pre&#62;&#60;script&#62;'],
    ['a | b', 'a &#124; b'],
    ['[a](https://b)', '&#91;a&#93;&#40;https&#58;&#8203;//b&#41;'],
    ['`**x**`', '&#96;&#42;&#42;x&#42;&#42;&#96;'],
    ['&lt;', '&#38;lt;'],
    ['$a^2$', '&#36;a&#94;2&#36;'],
  ])('shows %j as characters', (hostile, expected) => {
    const text = verdictReport(verdictOf(COMMIT, [red(hostile, `error: ${hostile}`, ['npm', hostile])], 0));

    expect(text.split(expected).length - 1).toBeGreaterThanOrEqual(4);
  });

  it('keeps a summary of several lines in its row', () => {
    expect(verdictReport(verdictOf(COMMIT, [red('one\r\ntwo\nthree', '')], 0))).toContain('| one two three |');
  });

  it('lets no output add a row, a tag, a mention or a reference', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (summary, evidence) => {
        const text = verdictReport(verdictOf(COMMIT, [red(summary, `x${evidence}`)], 0));

        expect(text.match(/^\|/gm)).toHaveLength(3);
        expect(text.match(/</g)).toHaveLength(text.includes('<pre>') ? 6 : 0);
        expect(text).not.toMatch(/@|#(?!\d+;)/);
      }),
    );
  });

  it('says what detected gates were concluded from, what only advises, and which tests failed', () => {
    const detected: GateResult = { ...green, origin: 'detected from a go.mod at the top' };
    const failures = [{ name: 'adds @all', message: '<b>' }];
    const advice: GateResult = { ...red('Exit code 1', 'error: x'), gate: 'own-scan', isAdvisory: true, failures };
    const text = verdictReport(verdictOf(COMMIT, [detected, advice], 0));

    expect(text).toContain(
      'The repository declares no gates; these were found: build detected from a go.mod at the top.',
    );
    expect(text).toContain('| own&#45;scan | ⚠️ failed, only advises |');
    expect(text).toContain('✖ adds &#64;&#8203;all\n    &#60;b&#62;');
    expect(verdictReport(verdictOf(COMMIT, [green], 0))).not.toContain('declares no gates');
  });
});
