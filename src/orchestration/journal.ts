import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import type { ProfileClosed, ProfileReopened } from '../agents/index.js';
import { formatIssueRef, type DomainEvent, type IssueRef } from '../kernel/index.js';
import type { JobMoved } from '../queue/index.js';
import type { LinkChanged, OrchestrationEvent } from './orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from './orchestration.options.js';

type Fields = Readonly<Record<string, unknown>>;
/** What the journal writes down. */
export type JournalEvent = OrchestrationEvent | JobMoved | ProfileClosed | ProfileReopened;
type Level = 'debug' | 'log' | 'warn' | 'error';

/** One line of the log: its level, its constant message, and the fields that vary. */
interface Line {
  readonly level: Level;
  readonly message: string;
  readonly fields: Fields;
}

/**
 * Writes what happens to the log: one line an event, with a constant message and the rest as fields.
 *
 * The messages are API: whoever reads the log by program may rely on them. docs/log.md lists them, and a test compares.
 */
@Injectable()
export class Journal implements OnModuleInit {
  private readonly logger = new Logger('Orchestration');

  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  onModuleInit(): void {
    for (const type of JOURNAL_EVENTS) {
      this.options.bus.subscribe(type, (event) => this.write(lineOf(event as JournalEvent)));
    }
  }

  private write({ level, message, fields }: Line): void {
    this.logger[level](message, fields);
  }
}

const JOURNAL_EVENTS: readonly JournalEvent['type'][] = [
  'queue.job-moved',
  'agents.profile-closed',
  'agents.profile-reopened',
  'orchestration.issue-parsed',
  'orchestration.run-started',
  'orchestration.agent-acted',
  'orchestration.agent-waited',
  'orchestration.agent-faltered',
  'orchestration.context-filled',
  'orchestration.session-compacted',
  'orchestration.session-replaced',
  'orchestration.gates-started',
  'orchestration.gates-decided',
  'orchestration.agent-sent-back',
  'orchestration.work-published',
  'orchestration.review-round-began',
  'orchestration.approvals-changed',
  'orchestration.draft-kept',
  'orchestration.draft-not-kept',
  'orchestration.run-ended',
  'orchestration.loop-ticked',
  'orchestration.tick-failed',
  'orchestration.lead-changed',
  'orchestration.profile-settled',
  'orchestration.command-carried-out',
  'orchestration.command-ignored',
  'orchestration.write-back-failed',
  'orchestration.link-changed',
  'orchestration.circle-named',
  'orchestration.issue-split',
];

/** What the log says of an event. */
export function lineOf(event: JournalEvent): Line {
  switch (event.type) {
    case 'queue.job-moved':
      return line('log', 'Job moved', event, { from: event.from, to: event.to, reason: event.reason });
    case 'agents.profile-closed':
      return line(needsOperator(event) ? 'error' : 'warn', 'Profile closed', event, {
        profiles: event.profiles,
        cause: event.cause,
        reason: event.reason,
        reopensAt: new Date(event.reopensAt).toISOString(),
      });
    case 'agents.profile-reopened':
      return line('log', 'Profile reopened', event, { profiles: event.profiles });
    case 'orchestration.issue-parsed':
      return line('log', 'Issue parsed', event, {
        profile: event.profile,
        estimatedTokens: event.metadata.estimatedTokens,
        difficulty: event.metadata.difficulty,
        confidence: event.metadata.confidence,
        source: event.metadata.sources.estimatedTokens,
        correction: event.correction,
        hiddenText: event.hiddenText,
      });
    case 'orchestration.work-refused':
      return line('warn', 'Work refused', event, { cause: event.cause, by: event.by, reason: event.reason });
    case 'orchestration.run-started':
      return line('log', 'Run started', event, {
        profile: event.profile,
        branch: event.branch,
        isContinuation: event.isContinuation,
        isConfined: event.isConfined,
      });
    case 'orchestration.agent-acted':
      return line('log', 'Agent acted', event, { tool: event.tool, summary: event.summary });
    case 'orchestration.agent-waited':
      return line('warn', 'Agent waits for its model', event, { detail: event.detail, waitMs: event.waitMs });
    case 'orchestration.agent-faltered':
      return line('warn', 'Agent faltered', event, {
        mishap: event.mishap,
        detail: event.detail,
        times: event.times,
        remedy: event.remedy,
      });
    case 'orchestration.context-filled':
      return line('log', 'Context window filled', event, { action: event.action, reason: event.reason });
    case 'orchestration.session-compacted':
      return line('log', 'Session compacted', event, {
        helped: event.helped,
        usedTokensBefore: event.usedTokensBefore,
        usedTokensAfter: event.usedTokensAfter,
      });
    case 'orchestration.session-replaced':
      return line('log', 'Session replaced', event, { reason: event.reason });
    case 'orchestration.gates-started':
      return line('log', 'Gates started', event, { commit: event.commit });
    case 'orchestration.gates-decided':
      return line('log', 'Gates decided', event, {
        commit: event.commit,
        passed: event.passed,
        summary: event.summary,
        gates: event.results.map(({ gate, passed, summary, durationMs }) => ({ gate, passed, summary, durationMs })),
      });
    case 'orchestration.agent-sent-back':
      return line('log', 'Agent sent back', event, { rejections: event.rejections, limit: event.limit });
    case 'orchestration.work-published':
      return line('log', 'Work published', event, {
        branch: event.branch,
        commit: event.commit,
        pullRequest: event.pullRequest,
      });
    case 'orchestration.review-round-began':
      return line('log', 'Review round began', event, {
        pullRequest: event.pullRequest,
        reviewers: event.reviewers,
        remarks: event.remarks,
        round: event.round,
      });
    case 'orchestration.approvals-changed':
      return line('log', 'Approvals changed', event, { pullRequest: event.pullRequest, approvedBy: event.approvedBy });
    case 'orchestration.draft-kept':
      return line('log', 'Draft kept', event, { branch: event.branch, commit: event.commit });
    case 'orchestration.draft-not-kept':
      return line('warn', 'Draft not kept', event, { reason: event.reason });
    case 'orchestration.run-ended':
      return line(event.phase === null ? 'log' : 'warn', 'Run ended', event, {
        outcome: event.outcome,
        reason: event.reason,
        phase: event.phase,
        durationMs: Math.round(event.durationMs),
      });
    case 'orchestration.loop-ticked':
      return line('debug', 'Loop ticked', event, {
        durationMs: Math.round(event.durationMs),
        deliveries: event.deliveries,
        started: event.started,
      });
    case 'orchestration.tick-failed':
      return line('error', 'Tick failed', event, { part: event.part, reason: event.reason });
    case 'orchestration.lead-changed':
      return line('log', 'Lead changed', event, { leads: event.leads });
    case 'orchestration.profile-settled':
      return line('log', 'Profile settled', event, { profile: event.profile });
    case 'orchestration.command-carried-out':
      return line('log', 'Command carried out', event, { by: event.by, command: event.command });
    case 'orchestration.command-ignored':
      return line('log', 'Command ignored', event, { by: event.by, reason: event.reason });
    case 'orchestration.write-back-failed':
      return line('warn', 'Write-back failed', event, { reason: event.reason });
    case 'orchestration.circle-named':
      if (event.way.length === 0) return line('log', 'Circle broken', event, {});
      return line('warn', 'Circle found', event, { way: event.way });
    case 'orchestration.issue-split':
      return line('log', 'Issue split', event, { parts: event.parts.map(formatIssueRef) });
    case 'orchestration.link-changed':
      if (event.reason === null) return line('log', 'Dependency link changed', event, linkFields(event));
      return line('warn', 'Dependency link refused', event, { ...linkFields(event), reason: event.reason });
  }
}

function linkFields({ blocker, blocked, change }: LinkChanged): Fields {
  return { blocker: formatIssueRef(blocker), blocked: formatIssueRef(blocked), change };
}

/** A busy model passes; a key and an account are for a person to mend. */
function needsOperator({ cause }: ProfileClosed): boolean {
  return cause === 'auth' || cause === 'spend_limit';
}

function line(level: Level, message: string, event: DomainEvent, fields: Fields): Line {
  const { issue, runId } = event as { issue?: IssueRef; runId?: string };
  return {
    level,
    message,
    fields: {
      ...(issue && { issue: formatIssueRef(issue) }),
      ...(runId && { runId }),
      ...fields,
    },
  };
}
