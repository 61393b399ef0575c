import { CONFIGURATION_PATH, type GateDefinition } from '../quality-gates/index.js';

/** A script that YAML takes as it stands. */
const PLAIN_SCRIPT = /^[A-Za-z][A-Za-z0-9_./= -]*$/;
/** A word that a shell takes as it stands. */
const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * The `.mosaic/coordinator.yml` that is proposed to a repository: every line a comment, so that merging it changes
 * nothing, and everything that may stand there named once.
 *
 * @param gates those that are detected
 */
export function proposedConfiguration(gates: readonly Pick<GateDefinition, 'name' | 'argv' | 'origin'>[]): string {
  const lines =
    gates.length > 0
      ? ['Without this section they are found by themselves, at present these:', '', 'gates:', ...gates.map(gateLine)]
      : [
          'No gates were found by themselves in this repository. At least test is needed:',
          '',
          'gates:',
          '  setup: npm ci --ignore-scripts',
          '  build: npm run build',
          '  lint: npm run lint',
          '  test: npm test',
        ];
  return `${[...HEAD, ...lines, ...COVERAGE, ...REST].map((line) => (line === '' ? '#' : `# ${line}`)).join('\n')}\n`;
}

const HEAD = [
  `${CONFIGURATION_PATH}: how Mosaic Coordinator works on this repository.`,
  '',
  'It is read from the base branch, never from the change of an agent. Every line is a comment and shows what may stand',
  'here: take the "# " away from what you want to say.',
  '',
  'The gates that decide whether work is done, in the order in which they run. Each is a script, or has the keys run,',
  'directory, timeout, required, retries and report. Where gates are named, these are run and no others; test must be',
  'one of them, and off says of another that it is left out on purpose.',
  '',
];

const COVERAGE = [
  '  coverage:',
  '    run: npm run coverage',
  '    report: coverage/lcov.info',
  '    threshold: 80',
  '',
];

const REST = [
  'What is demanded of gates that fail on the base branch already: must_not_worsen or must_pass.',
  '',
  'base: must_not_worsen',
  '',
  'Added to the prompt of every agent that works here.',
  '',
  'prompt: |',
  '  Keep to the style of the files around.',
  '',
  'Limits below those of the coordinator: how often the gates may reject a job, what an issue may spend, and how long',
  'one run may take.',
  '',
  'limits:',
  '  rejections: 3',
  '  usd: 5',
  '  minutes: 90',
  '',
  'When an issue no longer holds up others: closed, or once the pull request of the coordinator is merged.',
  '',
  'blockers: merged',
  '',
  'Whether an issue that is too large for every agent is split into issues of its own.',
  '',
  'decompose: true',
];

function gateLine({ name, argv }: Pick<GateDefinition, 'name' | 'argv'>): string {
  const script = argv.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
  return `  ${name}: ${PLAIN_SCRIPT.test(script) ? script : JSON.stringify(script)}`;
}
