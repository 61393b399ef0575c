import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../kernel/index.js';
import { Ballast } from './ballast.js';
import { diskStanding, type DiskStanding } from './disk-standing.js';
import { RETENTION_OPTIONS, type RetentionOptions } from './retention.options.js';
import { RetentionService } from './retention.service.js';

const MEGABYTE = 1_048_576;
/** What share of the reserve the ballast holds. */
const BALLAST_SHARE = 1 / 8;
/** Sizes of folders take long to find out: while nothing can go, they are not asked for again sooner. */
const ROOM_INTERVAL_MS = 60_000;

/**
 * Decides whether there is room for work: agents and gates fill disks, and the database must outlive that.
 *
 * Below the reserve no work is begun and what is not in use is dropped; below a quarter of it the work that runs is
 * stopped, to go on later, and the ballast is given up. When there is room again everything goes on by itself.
 */
@Injectable()
export class DiskWatch {
  private readonly logger = new Logger(DiskWatch.name);
  private readonly ballast: Ballast | null;
  private standing: DiskStanding = 'ample';
  private freeBytes = 0;
  private looking: Promise<void> | null = null;
  private stopWork: (sentence: string) => Promise<void> = () => Promise.resolve();
  private roomMadeAt = Number.NEGATIVE_INFINITY;
  private ballastTakenAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(RETENTION_OPTIONS) private readonly options: RetentionOptions,
    @Inject(RetentionService) private readonly retention: RetentionService,
  ) {
    const { ballastFolder, reserveBytes } = options;
    const bytes = Math.floor(reserveBytes * BALLAST_SHARE);
    this.ballast = ballastFolder === null || bytes === 0 ? null : new Ballast(ballastFolder, bytes);
  }

  /** @param stopWork stops the work that runs, to go on later, and resolves when it has stopped */
  whenSpent(stopWork: (sentence: string) => Promise<void>): void {
    this.stopWork = stopWork;
  }

  /** Looks at the disk and does what follows. Never rejects; who asks while it looks waits for the same look. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  /** By name, every profile with the reason while there is no room for work; else none. A guard of dispatch. */
  async closedProfiles(): Promise<ReadonlyMap<string, string>> {
    if (this.standing === 'ample') await this.measure();
    if (this.standing === 'ample') return new Map();
    return new Map(this.options.profiles.map((name) => [name, this.sentence]));
  }

  /** That there is no room for work, in a sentence; none while there is. */
  limitations(): readonly string[] {
    return this.standing === 'ample' ? [] : [this.sentence];
  }

  private get sentence(): string {
    const [free, needed] = [this.freeBytes, this.options.reserveBytes].map((bytes) => Math.floor(bytes / MEGABYTE));
    return `The disk of the coordinator is nearly full: ${free} MB are free, and work begins only while ${needed} MB (DISK_RESERVE_MEGABYTES) are. It goes on by itself when there is room.`;
  }

  private async lookOnce(): Promise<void> {
    await this.measure();
    try {
      if (this.standing === 'ample') return await this.takeBallast();
      if (this.standing === 'spent') {
        await this.stopWork('The disk is full.');
        if (await this.ballast?.release()) this.logger.warn('The ballast on the disk was given up');
      }
      this.makeRoom();
    } catch (error) {
      this.logger.warn('The disk could not be looked after', { reason: messageOf(error) });
    }
  }

  /** Once a minute: what fails, as under a quota, fails again. */
  private async takeBallast(): Promise<void> {
    const now = this.options.clock.monotonic();
    if (now - this.ballastTakenAt < ROOM_INTERVAL_MS) return;
    this.ballastTakenAt = now;
    await this.ballast?.take();
  }

  /** Not waited for: folders are large, and the disk must be looked at meanwhile. */
  private makeRoom(): void {
    const now = this.options.clock.monotonic();
    if (now - this.roomMadeAt < ROOM_INTERVAL_MS) return;
    this.roomMadeAt = now;
    // Twice the reserve, so that the next run does not use up at once what was freed.
    void this.retention.makeRoom(2 * this.options.reserveBytes - this.freeBytes);
  }

  /** A disk that says nothing is believed to be as it was. */
  private async measure(): Promise<void> {
    const { disk, reserveBytes } = this.options;
    const freeBytes = await disk?.freeBytes().catch(() => null);
    if (freeBytes === undefined || freeBytes === null) return;
    this.freeBytes = freeBytes;
    const before = this.standing;
    this.standing = diskStanding(freeBytes, reserveBytes, before);
    if (before === 'ample' && this.standing !== 'ample') {
      this.logger.error('The disk is nearly full: no work is begun', { freeBytes, reserveBytes });
    } else if (before !== 'ample' && this.standing === 'ample') {
      this.roomMadeAt = Number.NEGATIVE_INFINITY;
      this.ballastTakenAt = Number.NEGATIVE_INFINITY;
      this.logger.log('There is room on the disk again: work goes on', { freeBytes });
    }
  }
}
