import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import request from 'supertest';

import { InProcessEventBus, type IssueRef } from '../kernel/index.js';
import { JOB_STATES, type JobState } from '../queue/index.js';
import { MetricsModule } from './index.js';

const ISSUE: IssueRef = { owner: 'acme', repo: 'tools', number: 7 };
const RUN = { issue: ISSUE, runId: 'run-1' };

async function startMetrics() {
  const bus = new InProcessEventBus();
  const counts = Object.fromEntries(JOB_STATES.map((state) => [state, state === 'pending' ? 3 : 0]));
  const countByState = () => Promise.resolve(counts as Record<JobState, number>);
  const moduleRef = await Test.createTestingModule({
    imports: [MetricsModule.forRoot({ bus, countByState })],
  }).compile();
  const app = await moduleRef.createNestApplication({ logger: false }).init();
  const read = async (): Promise<string> => (await request(app.getHttpServer()).get('/metrics')).text;
  return { bus, app, read };
}

describe('GET /metrics', () => {
  it('counts what the modules announce, under the names of the original design', async () => {
    const { bus, app, read } = await startMetrics();
    const failed = { gate: 'test', passed: false };
    bus.publish({ type: 'webhook.delivery-received', outcome: 'accepted' } as never);
    bus.publish({ type: 'webhook.delivery-refused', code: 'x', status: 401 } as never);
    bus.publish({ type: 'orchestration.gates-decided', ...RUN, passed: false, results: [failed] } as never);
    bus.publish({ type: 'orchestration.agent-sent-back', ...RUN } as never);
    bus.publish({ type: 'orchestration.session-compacted', ...RUN, helped: true } as never);
    bus.publish({ type: 'orchestration.session-replaced', ...RUN } as never);
    bus.publish({
      type: 'orchestration.gates-decided',
      ...RUN,
      passed: true,
      results: [
        { gate: 'test', passed: true },
        { gate: 'licences-of-acme', passed: true },
        { gate: 'types', passed: true },
      ],
    } as never);
    bus.publish({
      type: 'orchestration.run-ended',
      ...RUN,
      outcome: 'in_review',
      phase: null,
      durationMs: 2_000,
    } as never);
    bus.publish({
      type: 'orchestration.run-ended',
      ...RUN,
      outcome: 'retryable',
      phase: 'spawn',
      durationMs: 1,
    } as never);
    bus.publish({ type: 'budgets.spent', ...RUN, profile: 'sonnet', tokens: 900, costMicroUsd: 2_500_000 } as never);
    bus.publish({ type: 'budgets.spent', ...RUN, profile: 'sonnet', tokens: 100, costMicroUsd: null } as never);
    bus.publish({ type: 'orchestration.loop-ticked', durationMs: 10 } as never);
    bus.publish({ type: 'orchestration.tick-failed', part: 'intake' } as never);
    bus.publish({ type: 'orchestration.write-back-failed', issue: ISSUE } as never);

    const lines = (await read()).split('\n').filter((line) => line.startsWith('mosaic_coordinator_'));

    expect(lines).toEqual(
      expect.arrayContaining([
        'mosaic_coordinator_processed_total 2',
        'mosaic_coordinator_success_total 1',
        'mosaic_coordinator_rejection_total 1',
        'mosaic_coordinator_deliveries_total{outcome="accepted"} 1',
        'mosaic_coordinator_deliveries_total{outcome="refused"} 1',
        'mosaic_coordinator_runs_ended_total{outcome="in_review"} 1',
        'mosaic_coordinator_run_failures_total{phase="spawn"} 1',
        'mosaic_coordinator_gate_results_total{gate="test",result="failed"} 1',
        'mosaic_coordinator_gate_results_total{gate="test",result="passed"} 1',
        'mosaic_coordinator_gate_results_total{gate="other",result="passed"} 2',
        'mosaic_coordinator_continuations_total 1',
        'mosaic_coordinator_compactions_total{helped="true"} 1',
        'mosaic_coordinator_session_replacements_total 1',
        'mosaic_coordinator_tick_failures_total{part="intake"} 1',
        'mosaic_coordinator_write_back_failures_total 1',
        'mosaic_coordinator_spend_tokens_total{profile="sonnet"} 1000',
        'mosaic_coordinator_spend_usd_total{profile="sonnet"} 2.5',
        'mosaic_coordinator_spend_unpriced_tokens_total{profile="sonnet"} 100',
        'mosaic_coordinator_tick_duration_seconds_count 1',
        'mosaic_coordinator_run_duration_seconds_count 2',
        'mosaic_coordinator_jobs{state="pending"} 3',
        'mosaic_coordinator_jobs{state="running"} 0',
      ]),
    );
    await app.close();
  });

  it('names no issue and no branch', async () => {
    const { bus, app, read } = await startMetrics();
    bus.publish({ type: 'orchestration.work-published', ...RUN, branch: 'secret-branch' } as never);

    expect(await read()).not.toMatch(/acme|secret-branch/);
    await app.close();
  });
});
