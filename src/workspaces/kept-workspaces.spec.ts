import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { git, startGitWorkspaces } from '../../test/support/start-git-workspaces.js';
import type { JobEnds, KeptDirectory } from './kept-workspaces.js';

const ISSUE = 'acme/app#7';
const LONG_AGO = new Date('2020-01-01');

/** Jobs that are as a test says, by their issues. */
class ToldJobs implements JobEnds {
  readonly alive = new Set<string>();
  readonly ends = new Map<string, number>();
  /** Called before the answer, with how often it was asked before. */
  whenAsked: (times: number) => void = () => undefined;
  private asked = 0;

  live(): Promise<ReadonlySet<string>> {
    this.whenAsked(this.asked);
    this.asked += 1;
    return Promise.resolve(new Set(this.alive));
  }

  endedAt(jobIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map([...this.ends].filter(([id]) => jobIds.includes(id))));
  }
}

describe('KeptWorkspaces', () => {
  let forge: Awaited<ReturnType<typeof startGitWorkspaces>>;
  let jobs: ToldJobs;

  beforeEach(async () => {
    forge = await startGitWorkspaces();
    jobs = new ToldJobs();
  });

  afterEach(() => forge.stop());

  /** What is kept, by kind. */
  async function listed(workspaces = forge.restart()): Promise<Record<KeptDirectory['kind'], KeptDirectory[]>> {
    const all = await workspaces.kept.list(jobs);
    return {
      workspace: all.filter(({ kind }) => kind === 'workspace'),
      mirror: all.filter(({ kind }) => kind === 'mirror'),
    };
  }

  it('lists nothing where nothing was made', async () => {
    expect(await listed()).toEqual({ workspace: [], mirror: [] });
  });

  it('lists workspaces and mirrors with their sizes, in use while the job has not ended', async () => {
    const workspace = await forge.restart().prepare(forge.request());
    writeFileSync(join(workspace.agentHome, 'transcript'), 'x'.repeat(300_000));
    jobs.alive.add(ISSUE);

    const { workspace: directories, mirror: mirrors } = await listed();

    expect(directories).toMatchObject([{ kind: 'workspace', isInUse: true }]);
    expect(directories[0]?.bytes).toBeGreaterThan(300_000);
    expect(mirrors).toMatchObject([{ id: 'mirrors/acme/app.git', isInUse: true }]);
    expect(mirrors[0]?.bytes).toBeGreaterThan(10_000);
  });

  it('goes by when the job ended, and where that is not known by what the coordinator wrote, not the agent', async () => {
    const workspace = await forge.restart().prepare(forge.request());
    const directory = join(workspace.directory, '..');
    for (const name of ['', 'checkouts']) utimesSync(join(directory, name), LONG_AGO, LONG_AGO);

    const unknown = await listed();
    jobs.ends.set(ISSUE, 1_700_000_000_000);
    const known = await listed();

    expect(unknown.workspace).toMatchObject([{ usedAt: LONG_AGO.getTime(), isInUse: false }]);
    expect(known.workspace).toMatchObject([{ usedAt: 1_700_000_000_000 }]);
  });

  it('drops the workspace of a job that ended, then the mirror that nobody works on, and makes both anew', async () => {
    const workspaces = forge.restart();
    const workspace = await workspaces.prepare(forge.request());
    const before = await listed(workspaces);

    const dropped = await workspaces.kept.drop({ id: first(before.workspace).id }, jobs);
    const after = await listed(workspaces);
    const isMirrorGone = await workspaces.kept.drop({ id: first(after.mirror).id }, jobs);

    expect([before.mirror[0]?.isInUse, after.mirror[0]?.isInUse]).toEqual([true, false]);
    expect([dropped, isMirrorGone]).toEqual([true, true]);
    expect(await listed(workspaces)).toEqual({ workspace: [], mirror: [] });
    expect(existsSync(workspace.directory)).toBe(false);
    const again = await workspaces.prepare(forge.request());
    expect(git(again.directory, 'rev-parse', 'HEAD')).toBe(forge.base);
  });

  it('leaves a workspace whose job has come to life since it was listed', async () => {
    const workspaces = forge.restart();
    const workspace = await workspaces.prepare(forge.request());
    const { workspace: directories } = await listed(workspaces);
    jobs.alive.add(ISSUE);

    const dropped = await workspaces.kept.drop(first(directories), jobs);

    expect([dropped, existsSync(join(workspace.directory, 'README.md'))]).toEqual([false, true]);
  });

  it('leaves the mirror of a job that has come to life, or has a workspace there', async () => {
    const workspaces = forge.restart();
    await workspaces.prepare(forge.request());
    const mirror = { id: 'mirrors/acme/app.git' };

    const withWorkspace = await workspaces.kept.drop(mirror, jobs);
    await workspaces.remove(forge.request().issue);
    jobs.alive.add('acme/app#8');
    const withJob = await workspaces.kept.drop(mirror, jobs);
    jobs.alive.clear();
    const another = await workspaces.kept.drop(mirror, jobs);

    expect([withWorkspace, withJob, another]).toEqual([false, false, true]);
    expect(existsSync(forge.mirror)).toBe(false);
  });

  it('never drops a mirror where nothing can be pushed, because it has the finished work', async () => {
    forge.server.authorization = null;
    const workspaces = forge.restart({ token: null });
    await workspaces.prepare(forge.request());
    await workspaces.remove(forge.request().issue);

    const { mirror } = await listed(workspaces);
    const dropped = await workspaces.kept.drop(first(mirror), jobs);

    expect([mirror[0]?.isInUse, dropped, existsSync(forge.mirror)]).toEqual([true, false, true]);
  });

  it('drops what crashes left: unfinished workspaces, folders without a record, half-dropped ones', async () => {
    const workspaces = forge.restart();
    await workspaces.prepare(forge.request());
    const { workspace: whole } = await listed(workspaces);
    const name = first(whole).id;
    for (const left of [`${name}.making`, `${name}.dropped`, 'jobs/odd', 'mirrors/acme/old.git.dropped']) {
      mkdirSync(join(forge.root, left, 'tree'), { recursive: true });
      writeFileSync(join(forge.root, left, 'tree', 'file'), 'left');
    }
    jobs.alive.add(ISSUE);

    const found = await workspaces.kept.list(jobs);
    const free = found.filter(({ isInUse }) => !isInUse);
    const gone = [];
    for (const one of free) gone.push(await workspaces.kept.drop(one, jobs));

    expect(free.map(({ id }) => id).sort()).toEqual([`${name}.dropped`, 'jobs/odd', 'mirrors/acme/old.git.dropped']);
    expect(gone).toEqual([true, true, true]);
    const left = await workspaces.kept.list(jobs);
    expect(left.map(({ id }) => id).sort()).toEqual([name, `${name}.making`, 'mirrors/acme/app.git']);
  });

  it('drops an unfinished workspace of a job that ended, and takes one that is gone for dropped', async () => {
    const workspaces = forge.restart();
    mkdirSync(join(forge.root, 'jobs', 'acme-app-7.making'), { recursive: true });

    const unfinished = await workspaces.kept.drop({ id: 'jobs/acme-app-7.making' }, jobs);
    const again = await workspaces.kept.drop({ id: 'jobs/acme-app-7.making' }, jobs);

    expect([unfinished, again]).toEqual([true, true]);
    expect(existsSync(join(forge.root, 'jobs', 'acme-app-7.making'))).toBe(false);
  });

  it('is looked at again where nobody can begin to work: one who prepares meanwhile keeps what he has', async () => {
    const workspaces = forge.restart();
    const workspace = await workspaces.prepare(forge.request());
    writeFileSync(join(workspace.directory, 'work.txt'), 'hours of it');
    const { workspace: directories } = await listed(workspaces);
    jobs.whenAsked = () => jobs.alive.add(ISSUE);

    const [dropped, prepared] = await Promise.all([
      workspaces.kept.drop(first(directories), jobs),
      workspaces.prepare(forge.request({ baseCommit: forge.base })),
    ]);

    expect(dropped).toBe(false);
    expect(existsSync(join(prepared.directory, 'work.txt'))).toBe(true);
  });
});

function first<T>(all: readonly T[]): T {
  const [one] = all;
  if (one === undefined) throw new Error('There is none');
  return one;
}
