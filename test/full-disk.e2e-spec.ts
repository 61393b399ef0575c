import { readdirSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it, jest } from '@jest/globals';
import Database from 'libsql';

import { say, type ModelConversation } from '../src/testing/index.js';
import { LoneService } from './support/lone-service.js';
import { SmallDisk, describeOnSmallDisk } from './support/small-disk.js';
import { Coordination, agentRule, runCommand, writeAnswer } from './support/start-coordination.js';
import { statusOf, untilStatus } from './support/until-status.js';
import { within } from './support/within.js';

jest.setTimeout(180_000);

const isResumed = ({ lastPrompt }: ModelConversation): boolean => lastPrompt.includes('the coordinator was restarted');

/** What SQLite says of the file. */
function integrityOf(dataFolder: string): unknown {
  const database = new Database(join(dataFolder, 'coordinator.db'));
  const found = database.prepare('pragma integrity_check').all();
  database.close();
  return found;
}

async function postUntil(service: LoneService, wanted: number, prefix: string): Promise<readonly string[]> {
  const accepted: string[] = [];
  for (let at = 0; ; at += 1) {
    const { status } = await service.post({ headers: { 'X-Gitea-Delivery': `${prefix}-${at}` } });
    if (status === 200) accepted.push(`${prefix}-${at}`);
    if (status === wanted || at > 500) return accepted;
  }
}

describeOnSmallDisk('On a full disk', () => {
  it('deliveries are answered 503 and the service is not ready, until there is room again', async () => {
    using disk = SmallDisk.mount(24);
    await using service = LoneService.start({
      environment: { DATA_FOLDER: join(disk.path, 'data'), DISK_RESERVE_MEGABYTES: '0' },
    });
    const ready = `${await service.process.address()}/health/ready`;
    const accepted = [...(await postUntil(service, 200, 'before'))];

    disk.fill();
    accepted.push(...(await postUntil(service, 503, 'full')));
    await untilStatus(ready, 503);
    const live = await statusOf(`${await service.process.address()}/health/live`);
    disk.clear();
    await untilStatus(ready, 200);
    accepted.push(...(await postUntil(service, 200, 'after')));

    const again = [];
    for (const id of accepted) {
      const { body } = await service.post({ headers: { 'X-Gitea-Delivery': id } });
      again.push((body as { status: string }).status);
    }
    await service.process.kill();
    expect([live, accepted.length > 1, new Set(again)]).toEqual([200, true, new Set(['duplicate'])]);
    expect(service.process.linesOf('The delivery log takes no deliveries: senders are answered 503')).toHaveLength(1);
    expect(integrityOf(join(disk.path, 'data'))).toEqual([{ integrity_check: 'ok' }]);
  });

  it('the service starts again after a kill, in the room that is kept for that', async () => {
    using disk = SmallDisk.mount(160);
    const environment = { DATA_FOLDER: join(disk.path, 'data'), DISK_RESERVE_MEGABYTES: '64' };
    await using killed = LoneService.start({ environment });
    await killed.process.address();
    await within(exists(join(disk.path, 'data', 'reserve')), 'The ballast');
    await killed.process.kill();
    disk.fill();

    await using service = LoneService.start({ environment });
    const { status } = await service.post();

    expect([status, disk.freeMegabytes > 1]).toEqual([200, true]);
  });

  it('a run that filled it ends without harm, and its job goes on by itself when there is room again', async () => {
    using disk = SmallDisk.mount(64);
    const dataFolder = join(disk.path, 'data');
    await using run = await Coordination.start({
      environment: {
        DATA_FOLDER: dataFolder,
        DISK_RESERVE_MEGABYTES: '0',
        LEASE_SECONDS: '5',
        LOOP_INTERVAL_SECONDS: '1',
      },
      rules: [
        agentRule(1, [writeAnswer('right'), say('Finished.')], isResumed),
        agentRule(1, [runCommand('cat /dev/zero > junk; sleep 600')]),
      ],
    });
    const issue = await run.assigned();
    const ready = `${run.address}/health/ready`;

    await untilStatus(ready, 503);
    disk.fill();
    await run.service.line('Run ended');
    removeJunk(dataFolder);
    disk.clear();
    await untilStatus(ready, 200);
    await run.reaches(issue, 'in_review');

    await run.service.kill();
    expect(await run.scene.pullRequests()).toHaveLength(1);
    expect(integrityOf(dataFolder)).toEqual([{ integrity_check: 'ok' }]);
  });

  it('an agent that fills it is stopped, and the database goes on in the room that is kept for it', async () => {
    using disk = SmallDisk.mount(160);
    const dataFolder = join(disk.path, 'data');
    await using run = await Coordination.start({
      environment: {
        DATA_FOLDER: dataFolder,
        DISK_RESERVE_MEGABYTES: '64',
        LEASE_SECONDS: '5',
        LOOP_INTERVAL_SECONDS: '1',
      },
      rules: [
        agentRule(1, [writeAnswer('right'), say('Finished.')], isResumed),
        agentRule(1, [runCommand('cat /dev/zero > junk; sleep 600')]),
      ],
    });
    const issue = await run.assigned();

    await run.service.line('The ballast on the disk was given up');
    await run.reaches(issue, 'available', 2);
    const second = await run.assigned('Another');
    await run.reaches(second, 'available');
    const ready = await fetch(`${run.address}/health/ready`);
    const said = JSON.stringify(await ready.json());
    const { why } = await run.job(second);
    const kept = disk.freeMegabytes;
    removeJunk(dataFolder);
    await Promise.all([run.reaches(issue, 'in_review'), run.reaches(second, 'in_review')]);

    expect([ready.status, said.includes('DISK_RESERVE_MEGABYTES'), kept > 1]).toEqual([200, true, true]);
    expect(why).toContain('The disk of the coordinator is nearly full');
    await run.service.kill();
    expect(await run.scene.pullRequests()).toHaveLength(2);
    expect(integrityOf(dataFolder)).toEqual([{ integrity_check: 'ok' }]);
  });
});

/** Asks again and again, as the file may be there already. */
async function exists(file: string): Promise<void> {
  while (!(await stat(file).catch(() => null)));
}

/** As a person does who looks what fills the disk. */
function removeJunk(dataFolder: string): void {
  const jobs = join(dataFolder, 'workspaces', 'jobs');
  for (const name of readdirSync(jobs)) rmSync(join(jobs, name, 'tree', 'junk'), { force: true });
}
