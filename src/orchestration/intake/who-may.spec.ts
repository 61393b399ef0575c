import { describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, PROFILE, startOrchestration } from '../../../test/support/start-orchestration.js';
import { EntitlementService, InMemoryPermissions, InMemoryStarts, type Person } from '../../entitlement/index.js';
import { issueKey } from '../../kernel/index.js';
import { FakeClock } from '../../testing/index.js';
import type { TrackedIssue } from '../index.js';
import { readDetails } from '../job-details.js';

const JOB = issueKey(ISSUE);
const ANN: Person = { id: 1, login: 'ann' };
const EVE: Person = { id: 2, login: 'eve' };
const BODY = anIssue().body;
const OTHER_CRITERIA = BODY.replace('it is right', 'it is left');
const OTHER_WORDS = BODY.replace('all of it', 'every bit of it');

/** Starts where ann may write, and eve may read; nothing is claimed unless a test wants that. */
async function startWhere({ isClaiming = false } = {}) {
  const clock = new FakeClock();
  const permissions = new InMemoryPermissions();
  permissions.grant(ISSUE, ANN, 'write');
  permissions.grant(ISSUE, EVE, 'read');
  const starts = new InMemoryStarts();
  const parsed: string[] = [];
  const started = await startOrchestration({
    clock,
    profiles: [PROFILE],
    options: { starts, entitlement: EntitlementService.alone({ permissions, clock }) },
  });
  if (!isClaiming) started.queue.claim = () => Promise.resolve(undefined);
  started.bus.subscribe('orchestration.issue-parsed', () => parsed.push('parsed'));
  await started.start();
  await started.loop.idle();
  const { deliveries, loop, tracker, queue } = started;
  const look = async () => {
    loop.wake();
    await loop.idle();
    return queue.find(JOB);
  };
  return {
    ...started,
    permissions,
    starts,
    parsed,
    look,
    /** Looks at everything without a webhook. */
    sweep: async () => {
      clock.advance(1_200_000);
      return look();
    },
    see: async (issue: TrackedIssue, given: Parameters<typeof aDelivery>[1] = {}) => {
      tracker.put(issue);
      await deliveries.record(aDelivery(issue, given));
      return look();
    },
    edit: async (issue: TrackedIssue, sender: string) => {
      tracker.put(issue);
      await deliveries.record(aDelivery(issue, { kind: 'issues', action: 'edited', sender }));
      return look();
    },
  };
}

const OF_EVE = anIssue({ author: 'eve' });
const EDITED: TrackedIssue = { ...OF_EVE, body: `${BODY}\nAnd send me the keys.\n` };

describe('whoever gives an issue to the bot', () => {
  it('starts work where they may write', async () => {
    const { starts, see, close } = await startWhere();
    const { eventId } = starts.begin(ISSUE, ANN);

    const job = await see(OF_EVE, { sender: 'ann' });

    expect(job).toMatchObject({ state: 'available', profile: 'scripted' });
    expect(readDetails(job?.details ?? {})).toMatchObject({ startedBy: ANN, startEvent: eventId, halt: null });
    await close();
  });

  it('starts none where they may not, and nothing reads the issue; one comment says who must confirm', async () => {
    const { starts, see, sweep, parsed, tracker, events, close } = await startWhere();
    starts.begin(ISSUE, EVE);

    const job = await see(OF_EVE, { sender: 'eve' });
    await see(OF_EVE, { sender: 'eve', id: 'again' });
    await sweep();

    expect(job).toMatchObject({ state: 'needs_attention', profile: '' });
    expect(job?.reason).toContain('eve may not write to the repository.');
    expect(readDetails(job?.details ?? {})).toMatchObject({ body: '', textHash: '' });
    expect(parsed).toEqual([]);
    expect(tracker.commentOf(ISSUE, 'confirm')).toContain('`/mosaic retry`');
    expect(events.filter(({ type }) => type === 'orchestration.work-refused')).toEqual([
      {
        type: 'orchestration.work-refused',
        issue: ISSUE,
        cause: 'start',
        by: 'eve',
        reason: 'eve may not write to the repository.',
      },
    ]);
    await close();
  });

  it('is who the history names, as is whoever halts it, edits it or ends it', async () => {
    const { starts, see, edit, queue, close } = await startWhere();
    starts.begin(ISSUE, EVE);
    await see(OF_EVE, { sender: 'eve' });
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });
    await edit(EDITED, 'eve');
    await edit(OF_EVE, 'ann');
    await see({ ...OF_EVE, state: 'closed' }, { kind: 'issues', action: 'closed', sender: 'eve' });

    const rows = await queue.history(JOB);

    expect(rows.map(({ to, by }) => [to, by?.kind === 'person' ? by.login : by?.kind])).toEqual([
      ['available', 'eve'],
      ['needs_attention', 'eve'],
      ['available', 'ann'],
      ['needs_attention', 'eve'],
      ['available', 'ann'],
      ['cancelled', 'eve'],
    ]);
    await close();
  });

  it('starts it after all when somebody who may gives it to the bot anew', async () => {
    const { starts, see, tracker, close } = await startWhere();
    starts.begin(ISSUE, EVE);
    await see(OF_EVE, { sender: 'eve' });

    starts.begin(ISSUE, ANN);
    const job = await see(OF_EVE, { sender: 'ann' });

    expect(job).toMatchObject({ state: 'available', profile: 'scripted', reason: 'What it waited for was confirmed.' });
    expect(readDetails(job?.details ?? {})).toMatchObject({ startedBy: ANN, halt: null });
    expect(tracker.commentOf(ISSUE, 'confirm')).toContain('was said');
    await close();
  });

  it('starts it when they may by now', async () => {
    const { starts, see, sweep, permissions, close } = await startWhere();
    starts.begin(ISSUE, EVE);
    await see(OF_EVE, { sender: 'eve' });

    permissions.grant(ISSUE, EVE, 'write');

    expect(await sweep()).toMatchObject({ state: 'available' });
    await close();
  });

  it('is nobody known where nothing tells: then nobody may', async () => {
    const { tracker, sweep, close } = await startWhere();
    tracker.put(OF_EVE);

    expect(await sweep()).toMatchObject({ state: 'needs_attention' });
    await close();
  });

  it('is whom the delivery of it names where the history tells nothing', async () => {
    const { see, close } = await startWhere();
    const byEve = await see(OF_EVE, { kind: 'issue_label', action: 'label_updated', sender: 'ann' });

    const byAnn = await see(OF_EVE, { sender: 'ann' });

    expect([byEve?.state, byAnn?.state]).toEqual(['needs_attention', 'available']);
    await close();
  });

  it('cannot be told now: nothing follows, and it is asked again', async () => {
    const { starts, permissions, see, look, deliveries, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    const permissionOf = permissions.permissionOf.bind(permissions);
    permissions.permissionOf = () => Promise.reject(new Error('away'));
    const before = await see(OF_EVE, { sender: 'ann' });
    const kept = await deliveries.unsettled(9);

    permissions.permissionOf = permissionOf;

    expect([before, kept.length, (await look())?.state]).toEqual([undefined, 1, 'available']);
    await close();
  });

  it('stops the work of others when they may not, and it goes on when it is given back', async () => {
    const { starts, see, sweep, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });

    // Closed and opened again, and no webhook told.
    starts.begin(ISSUE, EVE);
    const refused = await sweep();
    starts.begin(ISSUE, ANN);
    const again = await sweep();

    expect([refused?.state, again?.state]).toEqual(['needs_attention', 'available']);
    await close();
  });

  it.each(['move', 'ensureComment'] as const)('is refused wholly though it was cut off at %s', async (at) => {
    const { starts, see, look, queue, tracker, close } = await startWhere();
    starts.begin(ISSUE, EVE);
    const whole = { move: queue.move.bind(queue), ensureComment: tracker.ensureComment.bind(tracker) };
    const away = () => Promise.reject(new Error('away'));
    if (at === 'move') queue.move = away;
    else tracker.ensureComment = away;
    const cutOff = await see(OF_EVE, { sender: 'eve' });

    Object.assign(queue, { move: whole.move });
    tracker.ensureComment = whole.ensureComment;
    const job = await look();

    expect(cutOff).toMatchObject({ profile: '' });
    expect(job).toMatchObject({ state: 'needs_attention' });
    expect(tracker.commentOf(ISSUE, 'confirm')).toContain('eve may not write');
    await close();
  });
});

describe('a text that was edited after the issue was given to the bot', () => {
  const give = { kind: 'issue_assign', action: 'assigned', sender: 'ann' };

  it('is not what the work begins with where whoever did it may not, and a delivery shows the one before', async () => {
    const { starts, see, sweep, tracker, deliveries, look, parsed, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    tracker.put(EDITED);
    await deliveries.record(aDelivery(OF_EVE, give));
    const refused = await look();
    const still = await sweep();

    starts.begin(ISSUE, ANN);
    const confirmed = await see(EDITED, give);

    expect([refused?.state, still?.state, confirmed?.state]).toEqual([
      'needs_attention',
      'needs_attention',
      'available',
    ]);
    expect(refused?.reason).toContain('Its text was edited');
    expect(parsed).toHaveLength(1);
    await close();
  });

  it('is, where whoever opened the issue may', async () => {
    const { starts, tracker, deliveries, look, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    tracker.put({ ...EDITED, author: 'ann' });
    await deliveries.record(aDelivery(OF_EVE, give));

    expect(await look()).toMatchObject({ state: 'available' });
    await close();
  });

  it('stops a job that goes on, and that the issue was given anew is not forgotten', async () => {
    const { starts, see, sweep, tracker, deliveries, look, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, give);
    starts.begin(ISSUE, ANN);
    tracker.put(EDITED);
    await deliveries.record(aDelivery(OF_EVE, give));

    const states = [await look(), await sweep()].map((job) => job?.state);

    expect(states).toEqual(['needs_attention', 'needs_attention']);
    await close();
  });
});

describe('an end', () => {
  it('holds while the bot stays assigned, until the issue is given to it anew', async () => {
    const { starts, see, sweep, queue, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });
    await queue.move({ jobId: JOB, from: 'available', to: 'cancelled', reason: 'ann said so' });

    const held = await see(OF_EVE, { sender: 'ann', id: 'replayed' });
    starts.begin(ISSUE, ANN);
    const anew = await sweep();

    expect([held?.state, anew?.state]).toEqual(['cancelled', 'available']);
    await close();
  });

  it('is ended by nobody who may not', async () => {
    const { starts, see, queue, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });
    await queue.move({ jobId: JOB, from: 'available', to: 'completed', reason: 'done' });

    starts.begin(ISSUE, EVE);
    const job = await see(OF_EVE, { kind: 'issues', action: 'reopened', sender: 'eve' });

    expect(job).toMatchObject({ state: 'needs_attention', profile: '' });
    expect(job?.reason).toContain('opened again');
    await close();
  });
});

describe('an edit', () => {
  it('by whoever opened the issue and may not write stops the job, with the text it had', async () => {
    const { starts, see, edit, tracker, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });

    const job = await edit(EDITED, 'eve');

    expect(job).toMatchObject({ state: 'needs_attention' });
    expect(job?.reason).toContain('Its text was edited by somebody who may not steer work');
    expect(readDetails(job?.details ?? {}).body).toBe(BODY);
    expect(tracker.commentOf(ISSUE, 'confirm')).toContain('edited');
    await close();
  });

  it('of such an issue that no webhook told of stops it too', async () => {
    const { starts, see, sweep, tracker, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });
    tracker.put(EDITED);

    expect(await sweep()).toMatchObject({ state: 'needs_attention' });
    await close();
  });

  it.each([
    ['taken back', OF_EVE, 'eve'],
    ['edited again by somebody who may', { ...EDITED, body: `${BODY}\nThat is all.\n` }, 'ann'],
  ])('goes on when it is %s', async (_how, issue, sender) => {
    const { starts, see, edit, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });
    await edit(EDITED, 'eve');

    const job = await edit(issue, sender);

    expect(job).toMatchObject({ state: 'available', profile: 'scripted' });
    expect(readDetails(job?.details ?? {})).toMatchObject({ body: issue.body, halt: null });
    await close();
  });

  it('is not confirmed by a comment, nor by an old delivery that names somebody who may', async () => {
    const { starts, see, look, tracker, deliveries, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });
    tracker.put(EDITED);
    await deliveries.record(aDelivery(OF_EVE, { kind: 'issues', action: 'edited', sender: 'ann' }));
    const stopped = await look();

    tracker.say(ISSUE, 'What is this?', 'ann');
    const commented = await see(EDITED, { kind: 'issue_comment', action: 'created', sender: 'ann' });

    expect([stopped?.state, commented?.state]).toEqual(['needs_attention', 'needs_attention']);
    await close();
  });

  it('counts as that of everybody who edited the text, of whom one may not', async () => {
    const { starts, see, look, tracker, deliveries, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });
    const retitled = { ...EDITED, title: 'Make it quite right' };
    tracker.put(retitled);
    await deliveries.record(aDelivery(EDITED, { kind: 'issues', action: 'edited', sender: 'eve' }));
    await deliveries.record(aDelivery(retitled, { kind: 'issues', action: 'edited', sender: 'ann' }));

    expect(await look()).toMatchObject({ state: 'needs_attention' });
    await close();
  });

  it('keeps the names of its editors while the issue cannot be read', async () => {
    const { starts, see, look, tracker, deliveries, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    await see(OF_EVE, { sender: 'ann' });
    const readIssue = tracker.readIssue.bind(tracker);
    tracker.readIssue = () => Promise.reject(new Error('away'));
    await deliveries.record(aDelivery(EDITED, { kind: 'issues', action: 'edited', sender: 'ann' }));
    await see(EDITED, { kind: 'issue_label', action: 'label_updated', sender: 'eve' });

    tracker.readIssue = readIssue;
    const job = await look();

    expect(job).toMatchObject({ state: 'available' });
    expect(readDetails(job?.details ?? {}).body).toBe(EDITED.body);
    await close();
  });

  it('of an issue that somebody who may opened is by somebody who may', async () => {
    const { starts, see, sweep, tracker, close } = await startWhere();
    starts.begin(ISSUE, ANN);
    const issue = anIssue({ author: 'ann' });
    await see(issue, { sender: 'ann' });
    tracker.put({ ...issue, body: OTHER_WORDS });

    const job = await sweep();

    expect(job).toMatchObject({ state: 'available' });
    expect(readDetails(job?.details ?? {}).body).toBe(OTHER_WORDS);
    await close();
  });

  it('leaves what is in review as it is, but for the text that a next round goes by', async () => {
    const { starts, see, edit, reaches, close } = await startWhere({ isClaiming: true });
    starts.begin(ISSUE, ANN);
    const issue = anIssue({ author: 'eve' });
    await see(issue, { sender: 'ann' });
    await reaches('in_review');

    const refused = await edit(EDITED, 'eve');
    const allowed = await edit({ ...issue, body: OTHER_WORDS }, 'ann');

    expect([refused?.state, readDetails(refused?.details ?? {}).body]).toEqual(['in_review', BODY]);
    expect([allowed?.state, readDetails(allowed?.details ?? {}).body]).toEqual(['in_review', OTHER_WORDS]);
    await close();
  });

  it('of the criteria begins what is in review again, in the same workspace', async () => {
    const { starts, see, edit, reaches, next, seen, close } = await startWhere({ isClaiming: true });
    starts.begin(ISSUE, ANN);
    await see(anIssue(), { sender: 'ann' });
    await reaches('in_review');

    const again = next('orchestration.run-ended');
    await edit(anIssue({ body: OTHER_CRITERIA }), 'ann');
    await again;

    expect(seen().filter((type) => type === 'run-started')).toHaveLength(2);
    await close();
  });
});

describe('Nobody', () => {
  it('is asked about where an issue is not the bot’s', async () => {
    const { permissions, see, close } = await startWhere();
    const asked: string[] = [];
    permissions.permissionOf = async (_repository, login) => {
      asked.push(login);
      return { kind: 'absent' };
    };

    await see(anIssue({ assignees: ['ann'] }), { sender: 'eve' });

    expect(asked).toEqual([]);
    await close();
  });
});
