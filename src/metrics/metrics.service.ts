import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

import type { Spent } from '../budgets/index.js';
import type { ProfileClosed } from '../agents/index.js';
import type {
  AgentSentBack,
  GatesDecided,
  LoopTicked,
  RunEnded,
  SessionCompacted,
  SessionReplaced,
  TickFailed,
  WriteBackFailed,
} from '../orchestration/index.js';
import { JOB_STATES } from '../queue/index.js';
import type { DeliveryReceived, DeliveryRefused } from '../webhook/index.js';
import { METRICS_OPTIONS, type MetricsModuleOptions } from './metrics.options.js';

const PREFIX = 'mosaic_coordinator_';
const SECONDS = [0.05, 0.25, 1, 5, 30, 120, 600, 1_800, 7_200];

/**
 * Counts what the other modules announce. No label holds text from outside: issues and branches would make a series
 * each, and could say what is not public.
 */
@Injectable()
export class MetricsService implements OnModuleInit {
  private readonly registry = new Registry();
  private readonly processed = this.counter('processed_total', 'Runs that ended.');
  private readonly success = this.counter('success_total', 'Runs that ended with work whose gates passed.');
  private readonly rejection = this.counter('rejection_total', 'Times the gates rejected the work of an agent.');
  private readonly deliveries = this.counter('deliveries_total', 'Webhook requests by what became of them.', 'outcome');
  private readonly runsEnded = this.counter('runs_ended_total', 'Runs that ended, by outcome.', 'outcome');
  private readonly runFailures = this.counter('run_failures_total', 'Runs that failed, by the phase.', 'phase');
  private readonly gateResults = this.counter('gate_results_total', 'Results of single gates.', 'gate', 'result');
  private readonly continuations = this.counter('continuations_total', 'Times a rejected agent was sent back.');
  private readonly compactions = this.counter('compactions_total', 'Sessions compacted, by success.', 'helped');
  private readonly replacements = this.counter('session_replacements_total', 'Sessions replaced by a fresh one.');
  private readonly profileClosures = this.counter(
    'profile_closures_total',
    'Times profiles were closed, by cause.',
    'cause',
  );
  private readonly tickFailures = this.counter('tick_failures_total', 'Parts of a tick that failed.', 'part');
  private readonly writeBackFailures = this.counter('write_back_failures_total', 'Failed writes to the issue tracker.');
  private readonly spentTokens = this.counter('spend_tokens_total', 'Tokens spent, of every kind.', 'profile');
  private readonly spentUsd = this.counter('spend_usd_total', 'US dollars spent, at known prices.', 'profile');
  private readonly unpricedTokens = this.counter(
    'spend_unpriced_tokens_total',
    'Tokens spent whose price is unknown.',
    'profile',
  );
  private readonly tickSeconds = this.histogram('tick_duration_seconds', 'How long one look at everything took.');
  private readonly runSeconds = this.histogram('run_duration_seconds', 'How long a run took.');

  constructor(@Inject(METRICS_OPTIONS) private readonly options: MetricsModuleOptions) {
    this.addJobGauge();
    // Finer than this, watching an idle event loop would be most of what the idle service does.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 500 });
  }

  onModuleInit(): void {
    const { bus } = this.options;
    bus.subscribe<DeliveryReceived>('webhook.delivery-received', ({ outcome }) => this.deliveries.inc({ outcome }));
    bus.subscribe<DeliveryRefused>('webhook.delivery-refused', () => this.deliveries.inc({ outcome: 'refused' }));
    bus.subscribe<RunEnded>('orchestration.run-ended', (event) => this.countRun(event));
    bus.subscribe<GatesDecided>('orchestration.gates-decided', (event) => this.countVerdict(event));
    bus.subscribe<AgentSentBack>('orchestration.agent-sent-back', () => this.continuations.inc());
    bus.subscribe<SessionCompacted>('orchestration.session-compacted', ({ helped }) =>
      this.compactions.inc({ helped: String(helped) }),
    );
    bus.subscribe<SessionReplaced>('orchestration.session-replaced', () => this.replacements.inc());
    bus.subscribe<Spent>('budgets.spent', (event) => this.countSpend(event));
    bus.subscribe<LoopTicked>('orchestration.loop-ticked', ({ durationMs }) =>
      this.tickSeconds.observe(durationMs / 1_000),
    );
    bus.subscribe<ProfileClosed>('agents.profile-closed', ({ cause }) => this.profileClosures.inc({ cause }));
    bus.subscribe<TickFailed>('orchestration.tick-failed', ({ part }) => this.tickFailures.inc({ part }));
    bus.subscribe<WriteBackFailed>('orchestration.write-back-failed', () => this.writeBackFailures.inc());
  }

  /** Everything in the text format of Prometheus, and its content type. */
  async render(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }

  private countRun({ outcome, phase, durationMs }: RunEnded): void {
    this.processed.inc();
    this.runsEnded.inc({ outcome });
    if (outcome === 'in_review') this.success.inc();
    if (phase !== null) this.runFailures.inc({ phase });
    this.runSeconds.observe(durationMs / 1_000);
  }

  private countVerdict({ passed, results }: GatesDecided): void {
    if (!passed) this.rejection.inc();
    for (const result of results) {
      this.gateResults.inc({ gate: labelOf(result.gate), result: result.passed ? 'passed' : 'failed' });
    }
  }

  private countSpend({ profile, tokens, costMicroUsd }: Spent): void {
    this.spentTokens.inc({ profile }, tokens);
    if (costMicroUsd === null) this.unpricedTokens.inc({ profile }, tokens);
    else this.spentUsd.inc({ profile }, costMicroUsd / 1e6);
  }

  private addJobGauge(): void {
    const { countByState } = this.options;
    const jobs = new Gauge({
      name: `${PREFIX}jobs`,
      help: 'Jobs by state.',
      labelNames: ['state'],
      registers: [this.registry],
      async collect() {
        const counts = await countByState();
        for (const state of JOB_STATES) this.set({ state }, counts[state]);
      },
    });
    jobs.reset();
  }

  private counter<Label extends string = never>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter<Label>({ name: PREFIX + name, help, labelNames, registers: [this.registry] });
  }

  private histogram(name: string, help: string): Histogram {
    return new Histogram({ name: PREFIX + name, help, buckets: SECONDS, registers: [this.registry] });
  }
}

/** The gates that every repository may have. */
const SHARED_GATES: ReadonlySet<string> = new Set(['setup', 'build', 'lint', 'test', 'coverage']);

/** A repository names gates of its own as it likes: they are one series, or each would be another. */
function labelOf(gate: string): string {
  return SHARED_GATES.has(gate) ? gate : 'other';
}
