import { describe, expect, it } from '@jest/globals';

import {
  PROFILE,
  aDelivery,
  anIssue,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import { CalibrationService } from '../../calibration/index.js';
import { issueKey, type IssueRef } from '../../kernel/index.js';
import { readDetails, type IssueParsed } from '../index.js';

const SMALL = { ...PROFILE, name: 'small', windowTokens: 50_000, maxOutputTokens: 8_000 };
const LARGE = {
  ...PROFILE,
  name: 'large',
  windowTokens: 200_000,
  prices: { input: 1, output: 1 },
  isSelfHosted: false,
};

const refOf = (number: number): IssueRef => ({ owner: 'acme', repo: 'tools', number });

/** Every agent fills 32,000 tokens, where 20,000 are estimated. */
const USES_MORE: NonNullable<Start['script']> = {
  '*': {
    steps: [
      { do: 'report-usage', usedTokens: 32_000 },
      { do: 'write', path: 'a', content: 'b' },
      { do: 'stop', stop: 'end_turn' },
    ],
  },
};

async function start(calibration: CalibrationService, script = USES_MORE, options: NonNullable<Start['options']> = {}) {
  const started = await startOrchestration({ script, profiles: [SMALL, LARGE], options: { calibration, ...options } });
  const { tracker, deliveries, reaches, next, loop } = started;
  await started.start();
  const finish = async (number: number) => {
    const issue = anIssue({ ref: refOf(number) });
    tracker.put(issue);
    const parsed = next<IssueParsed>('orchestration.issue-parsed');
    await deliveries.record(aDelivery(issue));
    const reviewed = reaches('in_review', issue.ref);
    loop.wake();
    const job = await reviewed;
    return { job, parsed: await parsed };
  };
  return { ...started, finish };
}

describe('Calibration in orchestration', () => {
  it.each([
    ['chooses a larger window', true, 'large'],
    ['chooses as ever where it is switched off', false, 'small'],
  ])('after twenty finished jobs that took more it %s', async (_does, enabled, profile) => {
    const calibration = CalibrationService.alone({ enabled });
    const { finish, close } = await start(calibration);
    const easy = { profile: 'small', difficulty: 'easy', estimatedTokens: 20_000 } as const;
    for (let number = 101; number <= 119; number += 1) {
      await calibration.record({ ...easy, jobId: issueKey(refOf(number)), peakTokens: 32_000 });
    }
    // Still in the small window: what the twentieth job took is only then known.
    await calibration.record({ ...easy, jobId: issueKey(refOf(120)), peakTokens: 32_000 });

    const { job, parsed } = await finish(1);

    expect(job.profile).toBe(profile);
    expect(parsed.profile).toBe(profile);
    await close();
  });

  it('learns from each job whose gates passed, once, and explains what it makes of that', async () => {
    const calibration = CalibrationService.alone();
    const { finish, close } = await start(calibration);
    for (const number of [1, 2, 3]) await finish(number);

    // 1.6 ^ (3 / 6) of 20,000 is more than half of the 42,000 that the small one can fill.
    const { job, parsed } = await finish(4);

    expect(await calibration.overview()).toMatchObject(
      [
        { profile: 'small', difficulty: 'easy', samples: 3, median: 1.6, isApplied: true },
        { profile: 'large', samples: 1 },
      ].sort((a, b) => (a.profile < b.profile ? -1 : 1)),
    );
    expect(job.profile).toBe('large');
    expect(parsed.correction).toBeNull();
    expect(readDetails(job.details).correction).toBeNull();
    await close();
  });

  it('puts why an estimate was corrected into the job and the event, and keeps it when the issue changes', async () => {
    const calibration = CalibrationService.alone();
    const closedProfiles = () => new Map([['small', 'Not today.']]);
    const options = { dispatchGuards: [{ closedProfiles }] };
    const { tracker, deliveries, queue, reaches, next, loop, close } = await start(calibration, USES_MORE, options);
    const sample = { profile: 'small', difficulty: 'easy', estimatedTokens: 10_000, peakTokens: 10_400 } as const;
    for (const number of [101, 102, 103]) await calibration.record({ ...sample, jobId: issueKey(refOf(number)) });
    const deliver = async (given: Parameters<typeof anIssue>[0], more: Parameters<typeof aDelivery>[1] = {}) => {
      const issue = anIssue({ ref: refOf(1), ...given });
      tracker.put(issue);
      await deliveries.record(aDelivery(issue, more));
      loop.wake();
    };
    const [parsed, waiting] = [next<IssueParsed>('orchestration.issue-parsed'), reaches('available', refOf(1))];

    await deliver({});
    const { correction } = await parsed;
    const { details } = await waiting;
    const explanation = expect.stringMatching(/^The last 3 finished issues .* so 20000 tokens are taken as 20400\.$/);
    expect(correction).toEqual(explanation);
    expect(readDetails(details).correction).toEqual({ tokens: 20_400, factor: 1.02, explanation });

    const ticked = next('orchestration.loop-ticked');
    await deliver({ labels: ['priority/high'] }, { kind: 'issue_label', action: 'label_updated' });
    await ticked;
    await close();
    const refreshed = await queue.require(refOf(1));
    expect(refreshed.priority).toBe(300);
    expect(readDetails(refreshed.details).correction).toEqual(readDetails(details).correction);
  });

  it('learns nothing from a job whose occupancy nobody told', async () => {
    const calibration = CalibrationService.alone();
    const { finish, close } = await start(calibration, {
      '*': {
        steps: [
          { do: 'write', path: 'a', content: 'b' },
          { do: 'stop', stop: 'end_turn' },
        ],
      },
    });

    await finish(1);

    await close();
    expect(await calibration.overview()).toEqual([]);
  });

  it('goes on where a sample cannot be stored', async () => {
    const calibration = CalibrationService.alone();
    calibration.record = () => Promise.reject(new Error('disk full'));
    const { finish, close } = await start(calibration);

    expect((await finish(1)).job.state).toBe('in_review');
    await close();
  });
});
