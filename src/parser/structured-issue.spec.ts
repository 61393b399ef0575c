import { describe, expect, it } from '@jest/globals';
import { MAX_READ_LENGTH, readStructuredIssue } from './structured-issue.js';

const REF = { owner: 'acme', repo: 'app', number: 148 };
const read = (body: string, title = 'Title') => readStructuredIssue({ ref: REF, title, body });

const FULL = `## Objective
Let the queue say what a job waits for.

## Context Estimate
- Files to modify: 3
- Implementation complexity: medium (20,000 tokens)
- Test requirements: medium (10,000 tokens)
- Documentation: light (3,000 tokens)
- Total estimated: 46,800 tokens
- Recommended agent: glm

## Difficulty
medium

## Dependencies
- Blocked by: #147 (COORD-004), other/repo#12
- Blocks: #149

## Acceptance Criteria
- [ ] Each pending job names its blockers
- [x] A cycle is named
`;

describe('readStructuredIssue', () => {
  it('reads the whole format', () => {
    expect(read(FULL)).toMatchObject({
      estimatedTokens: 46_800,
      difficulty: 'medium',
      recommendedAgent: 'glm',
      blocks: [{ owner: 'acme', repo: 'app', number: 149 }],
      blockedBy: [
        { owner: 'acme', repo: 'app', number: 147 },
        { owner: 'other', repo: 'repo', number: 12 },
      ],
      acceptanceCriteria: ['Each pending job names its blockers', 'A cycle is named'],
      problems: [],
    });
  });

  it('reads the same with Windows newlines, in capitals, in another order, of other levels', () => {
    const parts = FULL.split(/(?=^## )/m).map((part) =>
      `#${part}`.replace(/^#+ .*/, (heading) => heading.toUpperCase()),
    );
    const other = parts.reverse().join('').replaceAll('\n', '\r\n');

    expect(read(other)).toEqual(read(FULL));
  });

  it('reads nothing in an empty body', () => {
    expect(read('', '')).toEqual({
      estimatedTokens: null,
      difficulty: null,
      recommendedAgent: null,
      blocks: [],
      blockedBy: [],
      acceptanceCriteria: [],
      problems: [],
      letters: 0,
    });
  });

  it.each([
    ['code', `\`\`\`\n${FULL}\n\`\`\``],
    ['a comment', `<!--\n${FULL}\n-->`],
    ['a quotation', FULL.replace(/^/gm, '> ')],
  ])('takes no structure from %s', (_, body) => {
    expect(read(body)).toEqual({ ...read(''), letters: 5 });
  });

  it.each([
    ['the sum of the parts without a total', '- Code: medium (20,000 tokens)\n- Tests: 10k\n- Files: 3', 30_000],
    ['the sum when the total cannot be read', '- Code: 20k\n- Total estimated: lots', 20_000],
    ['the first total that can be read', 'Total: ?\nTotal estimated: 5k\nTotal: 9k', 5_000],
    ['the total however small beside the parts', '- Code: 20k\n- Total estimated: 10k', 10_000],
    ['nothing where no line names tokens', '- Files: 3\nsome words', null],
    ['no zero', '- Total estimated: 0 tokens', null],
    ['other words for the total', 'Estimate: 5k', 5_000],
  ])('takes %s as the estimate', (_, lines, tokens) => {
    expect(read(`## Context Estimate\n${lines}`).estimatedTokens).toBe(tokens);
  });

  it.each([
    ['`GLM`', 'glm'],
    ['claude-4.5 (or better)', 'claude-4.5'],
    ['none', null],
    ['n/a', null],
    ['any', null],
    ['', null],
    ['x'.repeat(65), null],
  ])('reads %p as a recommended agent', (value, agent) => {
    expect(read(`## Context Estimate\nRecommended agent: ${value}`).recommendedAgent).toBe(agent);
  });

  it.each([
    ['easy', 'easy'],
    ['**Hard** - many modules', 'hard'],
    ['\n- medium\n- hard is not meant', 'medium'],
    ['_No response_\nhard', 'hard'],
    ['- [ ] easy\n- [x] medium\n- [ ] hard', 'medium'],
    ['easy | medium | hard', null],
    ['- [ ] easy\n- [ ] hard', null],
    ['- [x] easy\n- [x] hard', null],
    ['hardly', null],
    ['12', null],
    ['unknown', null],
    ['', null],
  ])('reads %j as a difficulty', (lines, difficulty) => {
    expect(read(`## Difficulty\n${lines}`).difficulty).toBe(difficulty);
  });

  it.each([
    ['bullets', '- a\n* b\n1. c', ['a', 'b', 'c']],
    ['nested bullets', '- a\n  - b', ['a', 'b']],
    ['lines that go on', '- a\n  b\nc\n- d\n\n  e', ['a b c', 'd e']],
    ['words around a list', 'Done when:\n- a\n\nThanks', ['a']],
    ['lines without a list', 'a\n\nb', ['a', 'b']],
    ['nothing', '- [ ]\n- tbd\n_No response_', []],
    ['lines indented before the list', '  a\n- b', ['b']],
  ])('reads criteria from %s', (_, lines, criteria) => {
    expect(read(`## Acceptance Criteria\n${lines}`).acceptanceCriteria).toEqual(criteria);
  });

  it('bounds the number and the length of criteria', () => {
    const criterion = `- ${'x'.repeat(600)}\n`;
    const { acceptanceCriteria } = read(`## Acceptance Criteria\n${criterion.repeat(150)}${'y '.repeat(600)}`);

    expect(acceptanceCriteria).toEqual(Array.from({ length: 100 }, () => 'x'.repeat(500)));
  });

  it.each([
    ['title and prose', 'Fix', '## Notes\nab 12\n## Objective\ncd', 9],
    ['criteria', '', '## Acceptance criteria\n- abc', 3],
    ['no machine-read section', '', '## Difficulty\neasy\n## Context Estimate\nTotal: 5k\n## Blocks\n#2', 0],
    ['no filled-in nothing', '', '## Objective\n_No response_', 0],
    ['an ideograph as three', '漢字', '', 6],
  ])('counts the letters of %s', (_, title, body, letters) => {
    expect(read(body, title).letters).toBe(letters);
  });

  it('reads a long text up to the limit, and says so', () => {
    const within = read(`${'x'.repeat(MAX_READ_LENGTH - 10)}\n# Blocks\n`);
    const beyond = read(`${'x'.repeat(MAX_READ_LENGTH)}\n# Difficulty\neasy`);

    expect(within.problems).toEqual([]);
    expect(beyond.difficulty).toBeNull();
    expect(beyond.problems).toEqual(['The text is too long: only its first 262144 characters are read.']);
  });

  it.each([
    '<!--',
    '-->',
    '`',
    '\n```',
    '``\n',
    ' ',
    '\n',
    '\r',
    '# ',
    '- [',
    '=',
    '*',
    '(',
    '((',
    '#1 ',
    'o/r#1,',
    'a/',
    'a.',
    '1,',
    '&#82&#8203;',
    '>',
    'a:',
    'Blocked by #1\n',
    '- Blocked by x\n',
    '`<!--',
    'and ',
    '- a\n b\n',
    '漢',
  ])('takes time in proportion to a text full of %j', (piece) => {
    const starts = ['', '## Dependencies\nBlocked by: ', '## Acceptance Criteria\n- a\n '];
    const bodies = starts.map((start) => start + piece.repeat(Math.ceil(1_000_000 / piece.length)));

    const before = process.cpuUsage();
    for (const body of bodies) read(body);
    const { user } = process.cpuUsage(before);

    // Ordinarily well under one second. A quadratic search anywhere would take minutes.
    expect(user / 1e6).toBeLessThan(15);
  });
});
