import { expect, it, jest } from '@jest/globals';

import { say } from '../src/testing/index.js';
import type { IssueRef } from '../src/kernel/index.js';
import { HeldCommands } from './support/held-commands.js';
import { describeOnEveryGitea } from './support/on-every-gitea.js';
import { Coordination, agentRule, runCommand, writeAnswer } from './support/start-coordination.js';

jest.setTimeout(120_000);

/** What the bot answered to commands, oldest first. */
async function answers(run: Coordination, issue: IssueRef): Promise<readonly string[]> {
  return (await run.scene.comments(issue))
    .map(({ body }) => body)
    .filter((body) => body.includes('<!-- mosaic:command-'))
    .map((body) => body.replace(/\s*<!--.*-->$/s, ''));
}

describeOnEveryGitea('Commands in comments', (host) => {
  it('pause and go on with work, each once, across a restart; strangers are not even answered', async () => {
    await using held = await HeldCommands.start();
    await using run = await Coordination.start({
      host,
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
    const issue = await run.assigned();
    await held.arrived('working');

    await run.scene.comment(issue, '/mosaic cancel', 'stranger');
    await run.service.line('Command ignored', { by: run.scene.gitea.login('stranger') });
    await run.scene.comment(issue, 'One moment.\n\n/mosaic pause');
    await run.reaches(issue, 'needs_attention');
    await held.gone('working');
    await run.service.line('Run ended', { outcome: 'cancelled' });
    await run.stop();

    expect(await answers(run, issue)).toEqual(['It is paused, and its work is kept. `/mosaic resume` goes on.']);
    expect(await run.scene.labels(issue)).toEqual(['agent/needs-attention']);
    const [status] = (await run.scene.comments(issue)).filter(({ body }) => body.includes('<!-- mosaic:status -->'));
    expect(status?.body).toContain(`Paused by ${run.scene.person}: /mosaic resume goes on.`);

    // Said while nobody listens: the sweep finds it.
    await run.scene.comment(issue, '/mosaic priority 7\n/mosaic resume');
    await run.restart();
    await run.reaches(issue, 'available');
    expect(await run.job(issue)).toMatchObject({ priority: 7 });
    await run.stop();

    expect((await answers(run, issue)).slice(1)).toEqual(['Its priority is 7.\n\nIt goes on.']);
    expect(
      (await run.scene.comments(issue)).filter(({ author }) => author === run.scene.bot).length,
    ).toBeLessThanOrEqual(4);
  });

  it('are answered on an issue that nobody works on, once, and begin nothing there', async () => {
    await using run = await Coordination.start({ host });
    const issue = await run.scene.openIssue('Make it right');

    await run.scene.comment(issue, '/mosaic why', 'stranger');
    await run.service.line('Command ignored', { by: 'stranger' });
    await run.scene.comment(issue, `/mosaic retry\n/mosaic dance\n/mosaic sing\n${'/mosaic why\n'.repeat(4)}`);
    await run.service.line('Command carried out', { command: 'why' });
    await run.stop();
    await run.restart();
    await run.scene.comment(issue, 'Thanks.');
    await run.stop();

    const [answer, ...more] = await answers(run, issue);
    expect(more).toEqual([]);
    expect(answer).toContain(`Nothing is under way on this issue: ${run.scene.bot} is not assigned.`);
    expect(answer).toContain(`Assign ${run.scene.bot} to it, and work begins.`);
    expect(answer?.match(/The commands are:/g)).toHaveLength(1);
    expect(answer).toContain('Only the first 5 commands of a comment are heard; 2 more of this one were not.');
    expect(run.service.linesOf('Job moved')).toEqual([]);
  });
});
