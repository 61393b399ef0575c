import { expect, it, jest } from '@jest/globals';

import { formatIssueRef, type IssueRef } from '../src/kernel/index.js';
import { say, type ModelConversation, type ModelRule } from '../src/testing/index.js';
import { noneLiving, someLiving } from './support/living-processes.js';
import { describePostgres } from './support/postgres.js';
import type { LogLine, ServiceProcess } from './support/service-process.js';
import { Coordination, agentRule, runCommand, writeAnswer } from './support/start-coordination.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';

jest.setTimeout(120_000);

/** On one machine the next coordinator sees at once that the one before is dead. */
const TAKEN_OVER_WITHIN_MS = 5_000;
const QUICK = { LEASE_SECONDS: '6', LOOP_INTERVAL_SECONDS: '1' };

const isMoved = ({ lastPrompt }: ModelConversation): boolean => lastPrompt.includes('Another machine worked on it');
const isResumed = ({ lastPrompt }: ModelConversation): boolean => lastPrompt.includes('the coordinator was restarted');

/** What the agent does until it is cut off, which tells when it does. */
function cutOff(): { readonly rule: ModelRule; readonly isAtWork: Promise<void> } {
  let begin: () => void = () => undefined;
  const isAtWork = new Promise<void>((resolve) => (begin = resolve));
  const thinksForever = (): Promise<never> => {
    begin();
    return new Promise(() => undefined);
  };
  return { rule: agentRule(1, [writeAnswer('half'), thinksForever]), isAtWork };
}

function reaches(service: ServiceProcess, issue: IssueRef, to: string): Promise<LogLine> {
  return service.line('Job moved', { issue: formatIssueRef(issue), to });
}

describePostgres('Coordinators that share a database', (server) => {
  it('take over from one that was killed: on one machine at once, and with a fresh session', async () => {
    const { rule, isAtWork } = cutOff();
    await using run = await Coordination.start({
      environment: { DATABASE_URL: await server().createDatabase() },
      rules: [agentRule(1, [writeAnswer('right'), say('Finished elsewhere.')], isMoved), rule],
    });
    const issue = await run.assigned();
    await isAtWork;
    const other = await run.join('other');

    const killedAt = Date.now();
    await run.service.kill();
    const taken = await reaches(other, issue, 'running');
    await reaches(other, issue, 'in_review');

    expect(Number(taken['timestamp']) - killedAt).toBeLessThan(TAKEN_OVER_WITHIN_MS);
    expect(await run.scene.pullRequests()).toHaveLength(1);
    await other.stop();
  });

  it('go on in the same workspace and session where they share the storage', async () => {
    const { rule, isAtWork } = cutOff();
    const shared = makeTemporaryFolder();
    await using run = await Coordination.start({
      environment: { DATABASE_URL: await server().createDatabase(), WORKSPACES_FOLDER: shared.path },
      rules: [agentRule(1, [writeAnswer('right'), say('Finished elsewhere.')], isResumed), rule],
    });
    const issue = await run.assigned();
    await isAtWork;
    const other = await run.join('other');

    await run.service.kill();
    await reaches(other, issue, 'in_review');
    await other.stop();
    shared.remove();

    expect(other.linesOf('Run started')).toMatchObject([{ isContinuation: true }]);
  });

  it('leave nothing alive of one that was paused, and nothing twice when it goes on', async () => {
    const command = `sleep 600.${process.pid}`;
    await using run = await Coordination.start({
      environment: { DATABASE_URL: await server().createDatabase(), ...QUICK },
      rules: [
        agentRule(1, [writeAnswer('right'), say('Finished elsewhere.')], isMoved),
        agentRule(1, [writeAnswer('half'), runCommand(command)]),
      ],
    });
    const issue = await run.assigned();
    await someLiving(command);
    const other = await run.join('other');

    run.service.signal('SIGSTOP');
    const taken = reaches(other, issue, 'running');
    await noneLiving(command);
    const wasTakenBefore = other.linesOf('Job moved', { issue: formatIssueRef(issue), to: 'running' }).length > 0;
    await taken;
    await reaches(other, issue, 'in_review');
    run.service.signal('SIGCONT');
    const ended = await run.service.line('Run ended', { issue: formatIssueRef(issue) });
    const merged = await run.scene.pullRequests();

    expect(wasTakenBefore).toBe(false);
    expect(ended).toMatchObject({ outcome: 'interrupted' });
    expect(merged).toHaveLength(1);
    await Promise.all([run.stop(), other.stop()]);
    expect((await run.scene.comments(issue)).filter(({ body }) => body.includes('Ready for review'))).toHaveLength(1);
  });
});
