import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../kernel/index.js';
import { chooseFolders } from './choose-folders.js';
import type { FolderStore } from './folder-store.port.js';
import { RETENTION_OPTIONS, type RetentionOptions } from './retention.options.js';
import type { DroppedRecords, KeptFolder, Pruned } from './retention.types.js';

/** How long a shutdown waits for what is being dropped. */
const STOP_GRACE_MS = 5_000;
/** A mirror may go once the last workspace on it has: what is left is looked through again, so often at most. */
const PASSES = 3;
const MEGABYTE = 1_048_576;

/**
 * Drops what is too old or too much of what belongs to jobs that ended.
 *
 * What belongs to a job that has not ended is never dropped: where that alone is too much, it says so.
 */
@Injectable()
export class RetentionService {
  private readonly logger = new Logger(RetentionService.name);
  private running: Promise<unknown> = Promise.resolve();
  private isStopping = false;
  private excess: readonly string[] = [];

  constructor(@Inject(RETENTION_OPTIONS) private readonly options: RetentionOptions) {}

  /** Looks through everything once. A part that fails is logged and left to the next time; it never rejects. */
  prune(): Promise<Pruned> {
    return this.alone(async () => {
      const records = await this.pruneRecords();
      const folders = await this.pruneFolders((keptBytes) => Math.min(keptBytes, this.options.maxFolderBytes));
      this.tell({ records, folders });
      return { records, folders };
    });
  }

  /**
   * Drops folders that are not in use, those first that were not needed for longest, until so much was freed or nothing
   * is left that may go. It never rejects.
   */
  makeRoom(bytes: number): Promise<Pruned['folders']> {
    return this.alone(async () => {
      const { maxFolderBytes } = this.options;
      const folders = await this.pruneFolders((keptBytes) => Math.min(Math.max(0, keptBytes - bytes), maxFolderBytes));
      this.tell({ records: null, folders });
      return folders;
    });
  }

  /** What is more than it may be though nothing can be dropped, in sentences. */
  limitations(): readonly string[] {
    return this.excess;
  }

  /** Drops nothing more, and resolves when what is being dropped is gone or has taken too long. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const over = new AbortController();
    const { clock } = this.options;
    await Promise.race([this.running, clock.sleep(STOP_GRACE_MS, over.signal)]);
    over.abort();
  }

  /** One at a time: two would drop the same things. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.running.then(work);
    this.running = done;
    return done;
  }

  private async pruneRecords(): Promise<DroppedRecords | null> {
    const { records, leads, keepMs, keepDeliveryIdsMs, maxRecordBytes, clock } = this.options;
    try {
      if (records === null || this.isStopping || !(await leads())) return null;
      const now = clock.now();
      return await records.drop({ before: now - keepMs, idsBefore: now - keepDeliveryIdsMs, maxBytes: maxRecordBytes });
    } catch (error) {
      this.logger.warn('Old records not dropped', { reason: messageOf(error) });
      return null;
    }
  }

  /** @param limitOf how many bytes may stay of so many that are there at first */
  private async pruneFolders(limitOf: (keptBytes: number) => number): Promise<Pruned['folders']> {
    const before = this.options.clock.now() - this.options.keepMs;
    let [dropped, droppedBytes] = [0, 0];
    let maxBytes: number | null = null;
    for (let pass = 1; ; pass += 1) {
      const folders = await this.list();
      maxBytes ??= limitOf(sumOf(folders));
      const choice = chooseFolders(folders, { before, maxBytes });
      const gone = [];
      for (const folder of choice.drop) {
        if (!this.isStopping && (await this.dropFolder(folder))) gone.push(folder);
      }
      dropped += gone.length;
      droppedBytes += sumOf(gone);
      if (gone.length > 0 && pass < PASSES && !this.isStopping) continue;
      const keptBytes = sumOf(folders) - sumOf(gone);
      return { dropped, droppedBytes, keptBytes, excessBytes: Math.max(0, keptBytes - this.options.maxFolderBytes) };
    }
  }

  private async list(): Promise<readonly StoredFolder[]> {
    const { folders, jobs } = this.options;
    const lists = await Promise.all(
      folders.map(async (store) => {
        try {
          return (await store.list(jobs)).map((folder) => ({ ...folder, store }));
        } catch (error) {
          this.logger.warn('Folders not looked through', { reason: messageOf(error) });
          return [];
        }
      }),
    );
    return lists.flat();
  }

  private async dropFolder({ store, ...folder }: StoredFolder): Promise<boolean> {
    try {
      return await store.drop(folder, this.options.jobs);
    } catch (error) {
      this.logger.warn('Folder not dropped', { folder: folder.id, reason: messageOf(error) });
      return false;
    }
  }

  private tell({ records, folders }: Pruned): void {
    const { excessBytes: recordExcess = 0, ...counts } = records ?? {};
    if (Object.values(counts).some((count) => count > 0)) this.logger.log('Old records dropped', counts);
    const { dropped, droppedBytes, keptBytes } = folders;
    if (dropped > 0) this.logger.log('Old folders dropped', { dropped, droppedBytes, keptBytes });
    const excess = [
      ...(recordExcess > 0
        ? [
            `Deliveries and histories of jobs that have not ended take ${megabytes(recordExcess)} MB more than RETENTION_RECORD_MEGABYTES allows; they stay.`,
          ]
        : []),
      ...(folders.excessBytes > 0
        ? [
            `Workspaces and mirrors of jobs that have not ended take ${megabytes(folders.excessBytes)} MB more than RETENTION_MEGABYTES allows; they stay.`,
          ]
        : []),
    ];
    const isNews = excess.length > this.excess.length;
    this.excess = excess;
    if (isNews) this.logger.warn('More is kept than is allowed, because jobs need it', { excess });
  }
}

type StoredFolder = KeptFolder & { readonly store: FolderStore };

function sumOf(folders: readonly KeptFolder[]): number {
  return folders.reduce((sum, { bytes }) => sum + bytes, 0);
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / MEGABYTE);
}
