import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.js';
import { FakeClock } from '../testing/index.js';
import {
  DiskWatch,
  RetentionModule,
  RetentionService,
  StatfsFreeSpace,
  resolveRetentionOptions,
  type DroppedRecords,
  type FolderStore,
  type KeptFolder,
  type RecordLimits,
  type RecordStore,
  type RetentionModuleOptions,
} from './index.js';
import { RetentionSchedule } from './retention-schedule.js';

const DAY = 86_400_000;
const NOTHING: DroppedRecords = { payloads: 0, deliveries: 0, events: 0, runs: 0, parsedTexts: 0, excessBytes: 0 };

/** Folders that are dropped when they are told to be, unless somebody has taken them. */
class FakeFolders implements FolderStore {
  folders: readonly KeptFolder[] = [];
  readonly taken = new Set<string>();
  listed = 0;
  failure: Error | null = null;
  /** What becomes of the others when one was dropped. */
  whenDropped: () => void = () => undefined;

  list(): Promise<readonly KeptFolder[]> {
    this.listed += 1;
    return this.failure === null ? Promise.resolve(this.folders) : Promise.reject(this.failure);
  }

  drop({ id }: KeptFolder): Promise<boolean> {
    if (this.taken.has(id)) return Promise.resolve(false);
    this.folders = this.folders.filter((one) => one.id !== id);
    this.whenDropped();
    return Promise.resolve(true);
  }
}

class FakeRecords implements RecordStore {
  readonly asked: RecordLimits[] = [];
  dropped: DroppedRecords | Error = NOTHING;

  drop(limits: RecordLimits): Promise<DroppedRecords> {
    this.asked.push(limits);
    return this.dropped instanceof Error ? Promise.reject(this.dropped) : Promise.resolve(this.dropped);
  }
}

function kept(id: string, usedAt: number, bytes: number, isInUse = false): KeptFolder {
  return { id, kind: 'workspace', bytes, usedAt, isInUse };
}

async function start(given: RetentionModuleOptions = {}) {
  const clock = new FakeClock();
  const store = new FakeFolders();
  const records = new FakeRecords();
  const disk = { free: 1_000, isSilent: false, freeBytes: () => Promise.resolve(0) };
  disk.freeBytes = () => (disk.isSilent ? Promise.reject(new Error('EIO')) : Promise.resolve(disk.free));
  const options = {
    keepMs: DAY,
    maxFolderBytes: 100,
    maxRecordBytes: 50,
    reserveBytes: 400,
    profiles: ['opus', 'glm'],
  };
  const moduleRef = await Test.createTestingModule({
    imports: [RetentionModule.forRoot({ ...options, clock, records, folders: [store], disk, ...given })],
  }).compile();
  const service = moduleRef.get(RetentionService);
  const watch = moduleRef.get(DiskWatch);
  return { clock, store, records, disk, service, watch, schedule: moduleRef.get(RetentionSchedule), moduleRef };
}

/** What is said on a level while the work is done. */
async function saidOn(level: 'log' | 'warn' | 'error', work: () => Promise<unknown>): Promise<readonly unknown[]> {
  const spy = jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  await work();
  return spy.mock.calls.map(([message]) => message as unknown);
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('RetentionService', () => {
  it('drops old folders, and asks for records by age and size', async () => {
    const { clock, store, records, service } = await start({ keepDeliveryIdsMs: 7 * DAY });
    const now = clock.now();
    store.folders = [kept('old', now - DAY - 1, 10), kept('new', now - DAY, 20), kept('live', 0, 30, true)];

    const pruned = await service.prune();

    expect(records.asked).toEqual([{ before: now - DAY, idsBefore: now - 7 * DAY, maxBytes: 50 }]);
    expect(pruned).toEqual({
      records: NOTHING,
      folders: { dropped: 1, droppedBytes: 10, keptBytes: 50, excessBytes: 0 },
    });
    expect(store.folders.map(({ id }) => id)).toEqual(['new', 'live']);
  });

  it('drops folders that are not old when there is too much, and looks again at what that set free', async () => {
    const { clock, store, service } = await start();
    const now = clock.now();
    store.folders = [kept('workspace', now - 2, 80), kept('mirror', now - 1, 90, true), kept('last', now, 5)];
    store.whenDropped = () => {
      store.folders = store.folders.map((one) => ({ ...one, isInUse: false }));
    };

    const { folders } = await service.prune();

    expect(folders).toMatchObject({ dropped: 1, keptBytes: 95 });
    expect(store.listed).toBe(2);
  });

  it('says once, and in its limitations, what is too much and must stay', async () => {
    const { store, records, service } = await start();
    store.folders = [kept('live', 0, 3 * 1_048_576, true)];
    records.dropped = { ...NOTHING, excessBytes: 1 };

    const said = await saidOn('warn', async () => {
      await service.prune();
      await service.prune();
    });
    const limitations = service.limitations();
    store.folders = [];
    records.dropped = NOTHING;
    await service.prune();

    expect(said).toEqual(['More is kept than is allowed, because jobs need it']);
    expect(limitations).toEqual([
      expect.stringMatching(/take 1 MB more than RETENTION_RECORD_MEGABYTES/),
      expect.stringMatching(/take 3 MB more than RETENTION_MEGABYTES/),
    ]);
    expect(service.limitations()).toEqual([]);
  });

  it('tells what it dropped, and nothing where that is nothing', async () => {
    const { store, records, service } = await start();

    const silent = await saidOn('log', () => service.prune());
    store.folders = [kept('old', 0, 1)];
    records.dropped = { ...NOTHING, events: 1 };
    const said = await saidOn('log', () => service.prune());

    expect([silent, said]).toEqual([[], ['Old records dropped', 'Old folders dropped']]);
  });

  it('leaves what somebody has begun to use, and does not try for ever', async () => {
    const { store, service } = await start();
    store.folders = [kept('taken', 0, 500)];
    store.taken.add('taken');

    const { folders } = await service.prune();

    expect(folders).toEqual({ dropped: 0, droppedBytes: 0, keptBytes: 500, excessBytes: 400 });
    expect(store.listed).toBe(1);
  });

  it('goes on with the rest when a part fails', async () => {
    const broken = new FakeFolders();
    broken.failure = new Error('EACCES');
    const stuck: FolderStore = {
      list: () => Promise.resolve([kept('stuck', 0, 1)]),
      drop: () => Promise.reject(new Error('EBUSY')),
    };
    const store = new FakeFolders();
    store.folders = [kept('old', 0, 1)];
    const { records, service } = await start({ folders: [broken, stuck, store] });
    records.dropped = new Error('SQLITE_FULL');

    const said = await saidOn('warn', async () => {
      const pruned = await service.prune();
      expect(pruned).toMatchObject({ records: null, folders: { dropped: 1, keptBytes: 1 } });
    });

    expect(new Set(said)).toEqual(
      new Set(['Old records not dropped', 'Folders not looked through', 'Folder not dropped']),
    );
  });

  it('leaves records to whoever leads, but looks after its own folders', async () => {
    const { store, records, service } = await start({ leads: () => Promise.resolve(false) });
    store.folders = [kept('old', 0, 1)];

    const pruned = await service.prune();

    expect([pruned.records, pruned.folders.dropped, records.asked]).toEqual([null, 1, []]);
  });

  it('makes room by dropping what is not in use, whatever its age, and no more than is needed', async () => {
    const { clock, store, service } = await start();
    const now = clock.now();
    store.folders = [kept('a', now - 3, 30), kept('b', now - 2, 30), kept('c', now - 1, 30)];

    const made = await service.makeRoom(40);

    expect(made).toMatchObject({ dropped: 2, droppedBytes: 60 });
    expect(store.folders.map(({ id }) => id)).toEqual(['c']);
  });

  it('drops nothing more once it is stopped', async () => {
    const { store, records, service } = await start();
    store.folders = [kept('old', 0, 1)];

    await service.stop();
    const pruned = await service.prune();

    expect([pruned.folders.dropped, records.asked]).toEqual([0, []]);
  });

  it('has no jobs, records and folders unless it is given some', async () => {
    const moduleRef = await Test.createTestingModule({ imports: [RetentionModule.forRoot({})] }).compile();
    const options = resolveRetentionOptions({});

    const pruned = await moduleRef.get(RetentionService).prune();
    await moduleRef.get(DiskWatch).look();

    expect(pruned).toEqual({ records: null, folders: { dropped: 0, droppedBytes: 0, keptBytes: 0, excessBytes: 0 } });
    expect([await options.jobs.live(), await options.jobs.endedAt([]), await options.leads()]).toEqual([
      new Set(),
      new Map(),
      true,
    ]);
  });
});

describe('DiskWatch', () => {
  it('closes every profile while less than the reserve is free, and opens them a quarter above it', async () => {
    const { disk, watch } = await start();
    const closed: number[] = [];
    for (const free of [400, 399, 450, 499, 500]) {
      disk.free = free;
      await saidOn('error', () => watch.look());
      closed.push((await watch.closedProfiles()).size);
    }

    expect(closed).toEqual([0, 2, 2, 2, 0]);
  });

  it('looks before each claim, and says in a sentence what is missing', async () => {
    const { disk, watch } = await start({ reserveBytes: 10 * 1_048_576 });
    disk.free = 3.5 * 1_048_576;

    const said = await saidOn('error', () => watch.closedProfiles());

    const closed = await watch.closedProfiles();
    expect([...closed.keys()]).toEqual(['opus', 'glm']);
    expect(closed.get('glm')).toMatch(/nearly full: 3 MB are free, and work begins only while 10 MB \(DISK_RESERVE_M/);
    expect(watch.limitations()).toEqual([closed.get('glm')]);
    expect(said).toEqual(['The disk is nearly full: no work is begun']);
  });

  it('drops what is not in use while the disk is nearly full, and asks for sizes but once a minute', async () => {
    const { clock, store, disk, watch, service } = await start();
    disk.free = 300;
    store.folders = [kept('ended', clock.now(), 60), kept('live', 0, 30, true)];

    await saidOn('error', () => watch.look());
    await service.stop();
    const listed = store.listed;
    clock.advance(59_999);
    await watch.look();
    await service.stop();
    const soon = store.listed;
    clock.advance(1);
    await watch.look();
    await service.stop();

    expect(store.folders.map(({ id }) => id)).toEqual(['live']);
    expect([soon - listed, store.listed > soon]).toEqual([0, true]);
  });

  it('stops the work and gives up the ballast when less than a quarter is free, and takes it again', async () => {
    const folder = makeTemporaryFolder();
    const ballast = join(folder.path, 'reserve');
    const { disk, watch } = await start({ ballastFolder: folder.path });
    const stopped: string[] = [];
    watch.whenSpent((sentence) => {
      stopped.push(`${sentence} ${existsSync(ballast)}`);
      return Promise.resolve();
    });
    await watch.look();
    const size = statSync(ballast).size;

    disk.free = 100;
    await saidOn('error', () => watch.look());
    const scarce = [existsSync(ballast), stopped.length];
    disk.free = 99;
    await saidOn('warn', () => watch.look());
    const isLeft = existsSync(ballast);
    disk.free = 500;
    await saidOn('log', () => watch.look());
    const isBack = existsSync(ballast);
    folder.remove();

    expect(size).toBe(50);
    expect([scarce, stopped, isLeft, isBack]).toEqual([[true, 0], ['The disk is full. true'], false, true]);
  });

  it('believes a disk that says nothing to be as it was, and outlives what fails', async () => {
    const { clock, disk, watch } = await start({ ballastFolder: '/nonexistent' });

    const said = await saidOn('warn', async () => {
      for (const seconds of [0, 59, 1]) {
        clock.advance(seconds * 1_000);
        await watch.look();
      }
    });
    disk.free = 50;
    await saidOn('error', () => watch.look());
    disk.isSilent = true;
    await watch.look();

    expect(said).toEqual(['The disk could not be looked after', 'The disk could not be looked after']);
    expect((await watch.closedProfiles()).size).toBe(2);
  });

  it('looks once for all who ask at the same time', async () => {
    const { disk, watch } = await start();
    let looks = 0;
    disk.freeBytes = () => {
      looks += 1;
      return Promise.resolve(1_000);
    };

    await Promise.all([watch.look(), watch.look()]);
    await watch.look();

    expect(looks).toBe(2);
  });

  it('reads the room of a real disk', async () => {
    expect(await new StatfsFreeSpace('/').freeBytes()).toBeGreaterThan(0);
  });
});

describe('RetentionSchedule', () => {
  it('looks through everything a minute after the start, and every hour from then on', async () => {
    const { clock, records, schedule } = await start();
    const asked: number[] = [];
    for (const minutes of [0, 0.9, 0.1, 59, 1, 59]) {
      clock.advance(minutes * 60_000);
      await schedule.beat();
      asked.push(records.asked.length);
    }

    expect(asked).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('begins with the app and ends with it', async () => {
    const { moduleRef, schedule, records, clock } = await start();
    const app = moduleRef.createNestApplication({ logger: false });
    await app.init();
    clock.advance(60_000);

    await app.close();
    await schedule.beat();

    expect(records.asked).toEqual([]);
  });
});

describe('The options of the retention', () => {
  it.each([
    [{ keepMs: 0 }, 'keepMs above 0'],
    [{ maxFolderBytes: 1.5 }, 'maxFolderBytes above 0'],
    [{ reserveBytes: -1 }, 'reserveBytes of 0 or more'],
    [{ keepMs: 2, keepDeliveryIdsMs: 1 }, 'keepDeliveryIdsMs of at least keepMs'],
  ])('refuse %j', (given, expected) => {
    expect(() => resolveRetentionOptions(given)).toThrow(
      expect.objectContaining({ code: 'RETENTION_OPTIONS_INVALID', message: expect.stringContaining(expected) }),
    );
  });
});
