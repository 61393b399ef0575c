import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, it, jest } from '@jest/globals';

import { Coordination } from './support/start-coordination.js';

jest.setTimeout(60_000);

describe('Without a token', () => {
  it('keeps finished work on a branch of the mirror, and names it in log and API', async () => {
    await using run = await Coordination.start({ hasToken: false });

    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');

    const branch = 'coordinator/1-make-it-right';
    const published = await run.service.line('Work published', { branch });
    const mirror = join(run.dataFolder, 'workspaces', 'mirrors', 'acme', 'tools.git');
    const answer = execFileSync('git', ['--git-dir', mirror, 'show', `refs/heads/${branch}:answer.txt`]);
    expect(answer.toString()).toBe('right');
    expect(published['pullRequest']).toBeNull();
    const { why, progress } = await run.job(issue);
    expect(why).toContain(`branch ${branch} of the coordinator's mirror`);
    expect(progress).toMatchObject({ branch, publishedCommit: published['commit'], pullRequest: null });
    const byNoPerson = run.fake.requests.filter(({ user }) => user !== run.scene.person);
    expect(byNoPerson.length).toBeGreaterThan(0);
    const reads = byNoPerson.filter(({ method, path }) => method === 'GET' || path.endsWith('/git-upload-pack'));
    expect(reads.filter(({ user }) => user === null)).toEqual(byNoPerson);
    expect(await run.scene.resolve(branch)).toBeNull();
  });

  it('says at start and in the readiness details what cannot be done', async () => {
    await using run = await Coordination.start({ hasToken: false });

    const ready = await run.ask<{ details: { configuration: { limitations: string[] } } }>('/health/ready');

    const { limitations } = ready.details.configuration;
    expect(limitations.join(' ')).toMatch(/Without GITEA_TOKEN .* no push, pull request, comment, label/);
    const warnings = run.service.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings).toEqual(limitations);
  });
});
