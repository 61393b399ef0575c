/** The repository of the demonstration: a small Node package whose test suite fails, for an issue to mend. */
export const REPOSITORY = { owner: 'acme', repo: 'calculator' } as const;

const PACKAGE = {
  name: 'calculator',
  version: '1.0.0',
  private: true,
  type: 'module',
  scripts: {
    build: 'node --check src/calculator.js',
    lint: 'node scripts/lint.js',
    test: 'node --test',
    coverage: 'node --test --experimental-test-coverage',
  },
};

const SOURCE = `export function add(a, b) {
  return a + b;
}

export function divide(a, b) {
  return a / b;
}
`;

const TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';

import { add, divide } from '../src/calculator.js';

test('adds', () => {
  assert.equal(add(2, 3), 5);
});

test('divides', () => {
  assert.equal(divide(6, 3), 2);
});

test('refuses to divide by zero', () => {
  assert.throws(() => divide(1, 0), { name: 'RangeError', message: 'division by zero' });
});
`;

const LINT = `import { readFileSync, readdirSync } from 'node:fs';

const faults = readdirSync('src')
  .flatMap((file) => readFileSync(\`src/\${file}\`, 'utf8').split('\\n').map((line, at) => ({ file, line, at: at + 1 })))
  .filter(({ line }) => /\\t|\\s$|\\bvar\\b/.test(line));
for (const { file, at } of faults) console.error(\`src/\${file}:\${at}: no tabs, no trailing blanks, no var\`);
process.exitCode = faults.length > 0 ? 1 : 0;
`;

/** Else a test that fails already is forgiven, and the issue is to have it pass. */
const RULES = 'base: must_pass\n';

export const FILES: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify(PACKAGE, null, 2)}\n`,
  'README.md': '# calculator\n\nAdds and divides.\n',
  'src/calculator.js': SOURCE,
  'test/calculator.test.js': TEST,
  'scripts/lint.js': LINT,
  '.mosaic/coordinator.yml': RULES,
};

/** An issue of the demonstration, as a person would write it. */
export interface DemoIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
}

/** Three issues. The second says in its text that the first blocks it; the third is linked in Gitea's own way. */
export const ISSUES: readonly [DemoIssue, DemoIssue, DemoIssue] = [
  {
    number: 1,
    title: 'Dividing by zero gives Infinity',
    body: `## Objective
\`divide(1, 0)\` returns Infinity. The test suite fails because of it.

## Context Estimate
- Total estimated: 60,000 tokens
- Recommended agent: opus

## Difficulty
hard

## Acceptance Criteria
- [ ] \`divide(a, 0)\` throws a RangeError that says "division by zero"
`,
  },
  {
    number: 2,
    title: 'Add percent(part, whole)',
    body: `## Objective
A function that says what percentage a part is of a whole.

## Context Estimate
- Total estimated: 50,000 tokens

## Difficulty
medium

## Dependencies
- Blocked by: #1

## Acceptance Criteria
- [ ] \`percent(1, 4)\` is 25
- [ ] a whole of zero is refused as \`divide\` refuses it
- [ ] it has tests
`,
  },
  {
    number: 3,
    title: 'The README does not say how to use the package',
    body: 'Somebody who finds this package cannot tell how to call it. Please describe both functions in the README, each with an example.',
  },
];
