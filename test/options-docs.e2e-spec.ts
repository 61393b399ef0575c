import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { resolveAcpOptions } from '../src/agents/runtimes/acp/acp.options.js';
import { resolveClaudeOptions } from '../src/agents/runtimes/claude/claude.options.js';
import { resolveEmbeddedOptions } from '../src/agents/runtimes/embedded/embedded.options.js';
import { resolveBudgetsOptions } from '../src/budgets/index.js';
import { resolveCommandRunnerOptions } from '../src/command-runner/command-runner.options.js';
import { resolveContextMonitorOptions } from '../src/context-monitor/index.js';
import { resolveEgressOptions } from '../src/egress/egress.options.js';
import { resolveEntitlementOptions } from '../src/entitlement/entitlement.options.js';
import { resolveGiteaOptions } from '../src/gitea/gitea.options.js';
import { resolveOrchestrationOptions } from '../src/orchestration/index.js';
import { resolveParserOptions } from '../src/parser/parser.options.js';
import { resolvePersistenceOptions } from '../src/persistence/persistence.options.js';
import { resolveQualityGatesOptions } from '../src/quality-gates/index.js';
import { resolveQueueOptions } from '../src/queue/index.js';
import { resolveRetentionOptions } from '../src/retention/index.js';
import { resolveSandboxOptions } from '../src/sandbox/sandbox.options.js';
import { resolveSecurityOptions } from '../src/security/security.options.js';
import { resolveWorkspacesOptions } from '../src/workspaces/workspaces.options.js';
import { filesUnder, readDocument } from './support/documents.js';

/** A `@default` that can be compared: a number, a text in quotes, null, a list or a mapping. The rest is prose. */
interface StatedDefault {
  readonly name: string;
  readonly value: unknown;
}

interface Documented {
  readonly file: string;
  readonly resolved: object;
  /** How many defaults the file states as values. */
  readonly stated: number;
}

const DOCUMENTED: readonly Documented[] = [
  { file: 'src/agents/runtimes/acp/acp.options.ts', resolved: resolveAcpOptions({}), stated: 6 },
  { file: 'src/agents/runtimes/claude/claude.options.ts', resolved: resolveClaudeOptions({}), stated: 7 },
  { file: 'src/agents/runtimes/embedded/embedded.options.ts', resolved: resolveEmbeddedOptions({}), stated: 9 },
  { file: 'src/budgets/budgets.options.ts', resolved: resolveBudgetsOptions({}), stated: 4 },
  { file: 'src/command-runner/command-runner.options.ts', resolved: resolveCommandRunnerOptions({}), stated: 3 },
  { file: 'src/context-monitor/context-monitor.options.ts', resolved: resolveContextMonitorOptions({}), stated: 3 },
  { file: 'src/egress/egress.options.ts', resolved: resolveEgressOptions({}), stated: 7 },
  { file: 'src/entitlement/entitlement.options.ts', resolved: resolveEntitlementOptions({}), stated: 1 },
  { file: 'src/gitea/gitea.options.ts', resolved: resolveGiteaOptions({ baseUrl: 'http://gitea' }), stated: 6 },
  { file: 'src/orchestration/orchestration.options.ts', resolved: orchestrationOptions(), stated: 18 },
  { file: 'src/parser/parser.options.ts', resolved: resolveParserOptions({}), stated: 5 },
  {
    file: 'src/persistence/persistence.options.ts',
    resolved: resolvePersistenceOptions({ dataFolder: '/data' }),
    stated: 6,
  },
  {
    file: 'src/quality-gates/quality-gates.options.ts',
    // Called otherwise once it was read.
    resolved: {
      ...resolveQualityGatesOptions({}),
      defaultConfiguration: resolveQualityGatesOptions({}).defaults.gates,
    },
    stated: 9,
  },
  { file: 'src/queue/queue.options.ts', resolved: resolveQueueOptions({}), stated: 2 },
  { file: 'src/retention/retention.options.ts', resolved: resolveRetentionOptions({}), stated: 9 },
  {
    file: 'src/sandbox/sandbox.options.ts',
    resolved: { ...resolveSandboxOptions({}), ...resolveSandboxOptions({}).limits },
    stated: 10,
  },
  {
    file: 'src/security/security.options.ts',
    resolved: resolveSecurityOptions({ secrets: ['sixteen-characters'], paths: ['hook'] }),
    stated: 1,
  },
  {
    file: 'src/workspaces/workspaces.options.ts',
    resolved: resolveWorkspacesOptions({ root: '/data', giteaUrl: 'http://gitea' }),
    stated: 8,
  },
];

describe('a default', () => {
  it.each(DOCUMENTED)('in the docstrings of $file is what the resolver fills in', ({ file, resolved, stated }) => {
    const defaults = statedDefaults(readDocument(file));

    expect(defaults).toHaveLength(stated);
    expect(resolved).toMatchObject(Object.fromEntries(defaults.map(({ name, value }) => [name, value])));
  });

  it('is compared wherever options state one as a value', () => {
    const files = filesUnder('src', '.options.ts').filter((file) => statedDefaults(readDocument(file)).length > 0);

    expect(files).toEqual(DOCUMENTED.map(({ file }) => file));
  });
});

function orchestrationOptions(): object {
  const { limits, ...options } = resolveOrchestrationOptions({});
  return { ...options, ...limits };
}

function statedDefaults(source: string): readonly StatedDefault[] {
  const fields = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*(?:readonly )?(\w+)\??:/g;
  return [...source.matchAll(fields)].flatMap(([, comment = '', name = '']) => {
    const [, text = ''] = /@default (.+?)(?: \*?$| \(.*|$)/m.exec(comment) ?? [];
    return isValue(text) ? [{ name, value: parse(text.replace(/(?<=\d)_(?=\d)/g, '')) as unknown }] : [];
  });
}

function isValue(text: string): boolean {
  return /^(?:-?[\d._]+|'[^']*'|null|\[.*\]|\{.*\})$/.test(text.trim());
}
