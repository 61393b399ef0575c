import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { InProcessEventBus } from '../src/kernel/index.js';
import { VARIABLES } from '../src/config/index.js';
import { lineOf } from '../src/orchestration/journal.js';
import { MetricsService } from '../src/metrics/metrics.service.js';
import { CONFIGURATION_PATH, EXAMPLE_CONFIGURATION, parseRepositoryConfiguration } from '../src/quality-gates/index.js';
import { ACP_PRESET_NAMES, parseProfileFile } from '../src/agents/index.js';
import { ProfileEntry } from '../src/agents/profile-entry.js';
import { presetOf } from '../src/agents/runtimes/acp/acp-presets.js';
import { MEASURED_SDK } from '../src/agents/runtimes/claude/load-claude-sdk.js';
import { resolveSandboxOptions } from '../src/sandbox/sandbox.options.js';
import { readStructuredIssue } from '../src/parser/index.js';
import { JOB_STATES, type JobState } from '../src/queue/index.js';
import {
  captures,
  codeBlocks,
  documents,
  firstColumn,
  readDocument,
  REPOSITORY,
  sources,
  tableRows,
} from './support/documents.js';
import { FAILED_RUN, JOURNAL_EVENTS, SPENT } from './support/journal-events.js';

const README = readDocument('README.md');
const PACKAGE = JSON.parse(readDocument('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
};

describe('the variables', () => {
  it('stand in the README as in the code', () => {
    const rows = tableRows(README, 'Variable');

    expect(rows).toHaveLength(VARIABLES.length);
    expect(rows).toEqual(
      VARIABLES.map(({ name, isRequired, default: preset, meaning }) => [
        name,
        isRequired ? 'yes' : 'no',
        preset ?? '',
        meaning,
      ]),
    );
  });

  it('stand in .env.example: the required ones empty, the others as comments with their defaults', () => {
    const lines = readDocument('.env.example')
      .split('\n')
      .filter((line) => /^#?[A-Z_]+=/.test(line));

    expect(lines).toHaveLength(VARIABLES.length);
    expect(lines).toEqual(
      VARIABLES.map(({ name, isRequired, default: preset }) => (isRequired ? `${name}=` : `#${name}=${preset ?? ''}`)),
    );
  });

  it('are the only ones that README names in its first run', () => {
    const names = [
      ...(codeBlocks(README, 'sh')
        .join('\n')
        .match(/^[A-Z_]+(?==)/gm) ?? []),
    ];

    expect(names.length).toBeGreaterThan(5);
    expect(VARIABLES.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  });
});

describe('docs/errors.md', () => {
  it('lists every code of the sources, and no other', () => {
    const listed = firstColumn(readDocument('docs/errors.md'), 'Code');

    const thrown = sources().flatMap((path) => {
      const named = /(?:readonly code = |\berror: |\bcode: |\? code : )'([A-Z]+(?:_[A-Z]+)+)'/g;
      return captures(readDocument(path), named);
    });
    expect(new Set(thrown).size).toBeGreaterThan(50);
    expect([...listed].sort()).toEqual([...new Set(thrown)].sort());
  });
});

describe('docs/log.md', () => {
  const document = readDocument('docs/log.md');
  const rows = tableRows(document, 'Message');

  it.each(JOURNAL_EVENTS)('describes the line of $type', (event) => {
    const { level, message, fields } = lineOf(event);
    const row = rows.find(([listed]) => listed === message);

    const own = Object.keys(fields).filter((field) => field !== 'issue' && field !== 'runId');
    expect(row?.slice(0, 3)).toEqual([
      message,
      level,
      own
        .map((field) => `\`${field}\``)
        .join(', ')
        .replace(/^`(\w+)`$/, '$1'),
    ]);
  });

  it('says of a run that failed that it is a warning', () => {
    expect(lineOf(FAILED_RUN).level).toBe('warn');
    expect(document).toMatch(/^\| `Run ended` .*level `warn` where it failed/m);
  });

  it('lists every constant message of the sources, and no other', () => {
    const said = sources()
      .filter((path) => !/^src\/(?:testing|demo)\//.test(path))
      .flatMap((path) => messagesIn(readDocument(path)));

    expect(new Set(said).size).toBeGreaterThan(30);
    expect(firstColumn(document, 'Message').sort()).toEqual([...new Set(said)].sort());
  });

  it('lists the messages of the journal once each, with an event for each to check it by', () => {
    const journal = readDocument('src/orchestration/journal.ts');
    const messages = captures(journal, /\bline\([^,]+, '([^']+)'/g);

    expect(messages.length).toBeGreaterThan(20);
    expect(JOURNAL_EVENTS.map((event) => lineOf(event).message).sort()).toEqual(messages.sort());
  });
});

describe('docs/metrics.md', () => {
  it('lists every metric with its type and labels, and no other', async () => {
    const bus = new InProcessEventBus();
    const counts = Object.fromEntries(JOB_STATES.map((state) => [state, 1])) as Record<JobState, number>;
    const metrics = new MetricsService({ bus, countByState: () => Promise.resolve(counts) });
    metrics.onModuleInit();
    const outcome = 'accepted' as const;
    bus.publish({ type: 'webhook.delivery-received', outcome });
    for (const event of [...JOURNAL_EVENTS, FAILED_RUN]) bus.publish(event);
    for (const costMicroUsd of [1, null]) bus.publish({ ...SPENT, costMicroUsd });

    const { text } = await metrics.render();

    const shown = [...text.matchAll(/^# TYPE (mosaic_coordinator_\w+) (\w+)$/gm)].map(
      ([, name = '', type = '']) => `${name} ${type}: ${labelsOf(text, name)}`,
    );
    const listed = tableRows(readDocument('docs/metrics.md'), 'Metric').map(
      ([name = '', type = '', labels = '']) => `${name} ${type}: ${labels.replaceAll('`', '')}`,
    );
    expect(shown.length).toBeGreaterThan(10);
    expect([...listed].sort()).toEqual([...shown].sort());
  });
});

describe('the README', () => {
  it('lists the endpoints of the controllers, and no other', () => {
    const controllers = sources().filter((path) => path.endsWith('.controller.ts'));
    const served = controllers.flatMap((path) => endpointsIn(readDocument(path)));

    expect(controllers.length).toBeGreaterThan(3);
    expect(firstColumn(README, 'Endpoint').sort()).toEqual([...served].sort());
  });

  it('lists the subpaths of the package, and no other', () => {
    const listed = firstColumn(README, 'Import');

    const exported = Object.keys(PACKAGE.exports).filter((path) => path !== './package.json');
    expect(exported.length).toBeGreaterThan(10);
    expect([...listed].sort()).toEqual(exported.map((path) => path.replace(/^\./, 'mosaic-coordinator')).sort());
  });

  it('begins with the two commands to try it', () => {
    expect(codeBlocks(README, 'sh').slice(0, 2)).toEqual(['npm ci && npm run demo\n', 'npm ci && npm test\n']);
  });

  it('shows an issue that needs no model', () => {
    const [body = ''] = codeBlocks(README, 'markdown');
    const ref = { owner: 'acme', repo: 'calculator', number: 1 };

    expect(readStructuredIssue({ ref, title: 'Dividing by zero', body })).toMatchObject({
      estimatedTokens: 46_800,
      difficulty: 'medium',
      recommendedAgent: 'glm',
      blockedBy: [
        { owner: 'acme', repo: 'calculator', number: 147 },
        { owner: 'other', repo: 'repo', number: 12 },
      ],
      blocks: [{ owner: 'acme', repo: 'calculator', number: 149 }],
      acceptanceCriteria: ['`divide(a, 0)` throws a RangeError'],
      problems: [],
    });
  });

  it('shows a configuration of a repository that is valid, with the keys of the shipped example', () => {
    const [, shown = ''] = codeBlocks(README, 'yaml');

    const { gates, prompt, limits } = parseRepositoryConfiguration(shown, CONFIGURATION_PATH, 1_000);
    expect(gates?.map(({ kind }) => kind)).toEqual(['setup', 'build', 'lint', 'test', 'coverage']);
    expect([prompt, limits]).toEqual([expect.any(String), { rejections: 3, tokens: null, usd: 5, minutes: 90 }]);
    const example = parse(EXAMPLE_CONFIGURATION) as { readonly gates: object };
    expect(parse(shown)).toMatchObject({ gates: { ...example.gates, test: { run: 'npm test' } } });
  });

  it('shows profiles that are valid, and of each kind of agent what is to be installed', () => {
    const [profiles = ''] = codeBlocks(README, 'yaml');
    const presets = Object.fromEntries(
      tableRows(README, 'Agent').flatMap(([, profile = '', install = '']) => {
        const [, preset] = /^preset: (.+)$/.exec(profile) ?? [];
        return preset === undefined ? [] : [[preset, install]];
      }),
    );

    expect(parseProfileFile(profiles, () => 'key').map(({ runtime }) => runtime)).toEqual([
      'claude',
      'acp',
      'embedded',
    ]);
    expect(presets).toEqual(
      Object.fromEntries(ACP_PRESET_NAMES.map((name) => [name, presetOf({ preset: name })?.install])),
    );
    expect(README).toContain(`@anthropic-ai/claude-agent-sdk@${MEASURED_SDK}`);
  });
});

describe('docs/agents.md', () => {
  const document = readDocument('docs/agents.md');

  it('shows a profile of each runtime', () => {
    const [profiles = ''] = codeBlocks(document, 'yaml');

    const shown = parseProfileFile(profiles, () => 'key').map(({ runtime }) => runtime);
    expect([...new Set(shown)].sort()).toEqual(firstColumn(document, 'Runtime').sort());
  });

  it('lists the keys of a profile, and no other', () => {
    const known = [...Object.keys(new ProfileEntry()), 'prices', 'budget'];

    expect(firstColumn(document, 'Profile key').sort()).toEqual(known.sort());
  });

  it('says of each preset what it is', () => {
    const rows = tableRows(document, 'Preset').map((cells) =>
      cells.slice(0, 5).map((cell) => cell.replaceAll('`', '')),
    );

    const presets = ACP_PRESET_NAMES.map((name) => presetOf({ preset: name }));
    expect(rows).toEqual(
      presets.map((preset) => [
        preset?.name,
        preset?.install,
        preset?.command.join(' '),
        preset?.protocols.join(', '),
        preset?.usage,
      ]),
    );
    expect(document).toContain(`@anthropic-ai/claude-agent-sdk@${MEASURED_SDK}`);
  });
});

describe('docs/sandbox.md', () => {
  it('lists the limits with their defaults', () => {
    const rows = tableRows(readDocument('docs/sandbox.md'), 'Limit').map(([name = '', preset]) => [
      name,
      Number(preset),
    ]);

    expect(Object.fromEntries(rows)).toEqual(resolveSandboxOptions({}).limits);
  });
});

describe('docs/architecture.md', () => {
  it('has a paragraph for each folder of the sources, and an arrow for each import that is allowed', async () => {
    const { default: boundaries } = (await import('../module-boundaries.cjs' as string)) as {
      readonly default: Readonly<Record<string, readonly string[]>>;
    };
    const document = readDocument('docs/architecture.md');

    const paragraphs = captures(document, /^### (.+)$/gm);
    expect(paragraphs.length).toBeGreaterThan(10);
    expect(paragraphs.sort()).toEqual(Object.keys(boundaries).sort());
    const [picture = ''] = codeBlocks(document, 'mermaid');
    const drawn = [...picture.matchAll(/^ {2}(.+) --> (.+)$/gm)]
      .flatMap(([, from = '', to = '']) => from.split(' & ').map((name) => [name, to.split(' & ').sort()] as const))
      .filter(([name]) => !name.startsWith('app['));
    const allowed = Object.entries(boundaries).filter(([, imports]) => imports.length > 0);
    expect(Object.fromEntries(drawn)).toEqual(
      Object.fromEntries(allowed.map(([name, imports]) => [name, [...imports].sort()])),
    );
  });
});

describe('every document', () => {
  it('names scripts of package.json only', () => {
    const named = [...documents(), '.ci/run', 'Dockerfile'].flatMap((path) =>
      [...readDocument(path).matchAll(/\bnpm (?:run ([\w:]+)|(test|start))\b/g)].map(
        ([, script, short]) => script ?? short ?? '',
      ),
    );

    // What README shows of a repository of somebody else.
    const known = [...Object.keys(PACKAGE.scripts), 'coverage'];
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((script) => !known.includes(script))).toEqual([]);
  });

  it('links to what is there', () => {
    const links = documents().flatMap((path) =>
      captures(readDocument(path), /\]\(([^)\s]+)\)/g)
        .map((target) => ({ path, target }))
        .filter(({ target }) => !/^[a-z]+:/.test(target)),
    );

    expect(links.length).toBeGreaterThan(40);
    expect(links.filter(({ path, target }) => !isThere(path, target))).toEqual([]);
  });
});

/** The texts that loggers are given word for word, in one file. */
function messagesIn(source: string): readonly string[] {
  const calls = [
    /\blogger\.(?:log|warn|error|debug)\(\s*(?:[\w.]+ === '\w+' \? )?'([^']+)'(?: : '([^']+)')?/g,
    /\bline\([^,]+, '([^']+)'/g,
    /^const (?:NOT_SIGNED|NO_BYTES) = '([^']+)'/gm,
  ];
  return calls.flatMap((call) =>
    [...source.matchAll(call)].flatMap(([, message = '', other = '']) =>
      [message, other].filter((text) => text !== ''),
    ),
  );
}

function labelsOf(text: string, name: string): string {
  const [, labels = ''] = new RegExp(`^${name}(?:_bucket)?\\{([^}]*)\\}`, 'm').exec(text) ?? [];
  const names = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label);
  return names.filter((label) => label !== 'le').join(', ');
}

function endpointsIn(source: string): readonly string[] {
  // The webhook's path is an option, whose default is meant.
  const [, base = 'webhook/gitea'] = /@Controller\('([^']*)'\)/.exec(source) ?? [];
  return [...source.matchAll(/@(Get|Post|Put|Patch|Delete)\((?:'([^']*)')?\)/g)].map(
    ([, method = '', path]) => `${method.toUpperCase()} /${[base, path].filter(Boolean).join('/')}`,
  );
}

function isThere(from: string, target: string): boolean {
  const [path = '', fragment] = target.split('#');
  const file = path === '' ? from : join(dirname(from), path);
  if (!existsSync(join(REPOSITORY, file))) return false;
  return fragment === undefined || headingsOf(readDocument(file)).includes(fragment);
}

/** As Gitea and GitHub name them. */
function headingsOf(document: string): readonly string[] {
  return [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
