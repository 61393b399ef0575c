import { describe, expect, it, jest } from '@jest/globals';

import { say } from '../src/testing/index.js';
import type { IssueRef } from '../src/kernel/index.js';
import { HeldCommands } from './support/held-commands.js';
import { BOT, Coordination, PERSON, agentRule, runCommand, writeAnswer } from './support/start-coordination.js';

jest.setTimeout(120_000);

/** What the bot answered to commands, oldest first. */
function answers(run: Coordination, issue: IssueRef): readonly string[] {
  return run
    .comments(issue)
    .map(({ body }) => body)
    .filter((body) => body.includes('<!-- mosaic:command-'))
    .map((body) => body.replace(/\s*<!--.*-->$/s, ''));
}

describe('Commands in comments', () => {
  it('pause and go on with work, each once, across a restart; strangers are not even answered', async () => {
    await using held = await HeldCommands.start();
    await using run = await Coordination.start({
      environment: { ...held.environment, LABEL_SCOPE: 'agent' },
      rules: [
        agentRule(1, [
          writeAnswer('right'),
          runCommand(held.script('working')),
          writeAnswer('right'),
          say('The answer is right.'),
        ]),
      ],
    });
    run.gitea.createUser('stranger');
    const issue = run.assigned();
    await held.arrived('working');

    run.gitea.comment(issue, '/mosaic cancel', { by: 'stranger' });
    await run.service.line('Command ignored', { by: 'stranger' });
    run.gitea.comment(issue, 'One moment.\n\n/mosaic pause', { by: PERSON });
    await run.reaches(issue, 'needs_attention');
    await held.gone('working');
    await run.service.line('Run ended', { outcome: 'cancelled' });
    await run.stop();

    expect(answers(run, issue)).toEqual(['It is paused, and its work is kept. `/mosaic resume` goes on.']);
    expect(run.gitea.issue(issue).labels.map(({ name }) => name)).toEqual(['agent/needs-attention']);
    const [status] = run.comments(issue).filter(({ body }) => body.includes('<!-- mosaic:status -->'));
    expect(status?.body).toContain(`Paused by ${PERSON}: /mosaic resume goes on.`);

    // Said while nobody listens: the sweep finds it.
    run.gitea.comment(issue, '/mosaic priority 7\n/mosaic resume', { by: PERSON });
    await run.restart();
    await run.reaches(issue, 'available');
    expect(await run.ask('/api/jobs/acme/tools/1')).toMatchObject({ job: { priority: 7 } });
    await run.stop();

    expect(answers(run, issue).slice(1)).toEqual(['Its priority is 7.\n\nIt goes on.']);
    expect(run.comments(issue).filter(({ author }) => author.login === BOT).length).toBeLessThanOrEqual(4);
  });
});
