import { expect, it, jest } from '@jest/globals';

import { say } from '../src/testing/index.js';
import { HeldCommands } from './support/held-commands.js';
import { describeOnEveryGitea } from './support/on-every-gitea.js';
import { Coordination, agentRule, runCommand, writeAnswer } from './support/start-coordination.js';

jest.setTimeout(240_000);

/** What the log says in the course of a job, in order. */
const STEPS = [
  'Delivery accepted',
  'Issue parsed',
  'Job moved',
  'Run started',
  'Agent acted',
  'Gates started',
  'Gates decided',
  'Work published',
];

describeOnEveryGitea('A service that is ended at every step of a job', (host) => {
  it('brings it to one pull request and one comment, though it was killed each time', async () => {
    await using run = await Coordination.start({ host });
    const issue = await run.assigned();

    // Of a real server nobody knows whether its webhooks arrive.
    for (const step of STEPS.filter((one) => !host.isLive || one !== 'Delivery accepted')) {
      await run.service.line(step);
      await run.service.kill();
      await run.restart();
    }
    await run.reaches(issue, 'in_review');
    await run.stop();

    expect((await run.scene.pullRequests()).map(({ state }) => state)).toEqual(['open']);
    const head = await run.scene.resolve('coordinator/1-make-it-right');
    expect(await run.scene.statuses(head ?? '')).toHaveLength(4);
    expect(await run.scene.comments(issue)).toMatchObject([
      { body: expect.stringContaining('| Rounds | 0 rejected, of at most 5 |') },
    ]);
    expect(await run.scene.labels(issue)).toEqual(['mosaic/in-review']);
  });

  it('goes on where it was asked to stop', async () => {
    await using held = await HeldCommands.start();
    await using run = await Coordination.start({
      host,
      environment: held.environment,
      rules: [
        agentRule(1, [say('It is right.')], ({ lastPrompt }) => lastPrompt.includes('the coordinator was restarted')),
        agentRule(1, [writeAnswer('right'), runCommand(held.script('working'))]),
      ],
    });
    const issue = await run.assigned();
    await held.arrived('working');

    const ending = await run.service.stop();
    await held.gone('working');
    const said = (await run.scene.comments(issue)).map(({ body }) => body).join();
    await run.restart();
    await run.reaches(issue, 'in_review');

    expect(ending).toEqual({ code: 0, signal: null });
    expect(said).toContain('**Ready, waiting for its turn.**');
    expect(run.service.linesOf('Run started')).toMatchObject([{ isContinuation: true }]);
    expect(await run.scene.pullRequests()).toHaveLength(1);
  });
});
