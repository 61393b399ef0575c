import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DiskWatch } from './disk-watch.service.js';
import { RETENTION_OPTIONS, type RetentionOptions } from './retention.options.js';
import { RetentionService } from './retention.service.js';

const SCHEDULE_NAME = 'mosaic-coordinator.retention';
/** How often the disk is looked at. An agent fills one in less than a minute. */
const BEAT_MS = 2_000;
/** Whoever starts has better things to do. */
const FIRST_PRUNE_MS = 60_000;

/** Looks at the disk every few seconds, and now and then through everything that is kept. */
@Injectable()
export class RetentionSchedule implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private beating: Promise<void> | null = null;
  private isStopping = false;
  private pruneAt: number;

  constructor(
    @Inject(RETENTION_OPTIONS) private readonly options: RetentionOptions,
    @Inject(RetentionService) private readonly retention: RetentionService,
    @Inject(DiskWatch) private readonly disk: DiskWatch,
    @Inject(SchedulerRegistry) private readonly schedule: SchedulerRegistry,
  ) {
    this.pruneAt = options.clock.monotonic() + Math.min(FIRST_PRUNE_MS, options.pruneIntervalMs);
  }

  onApplicationBootstrap(): void {
    this.schedule.addInterval(
      SCHEDULE_NAME,
      setInterval(() => void this.beat(), BEAT_MS),
    );
    void this.beat();
  }

  /** Does what is due, unless it is being done. */
  beat(): Promise<void> {
    if (this.isStopping) return Promise.resolve();
    this.beating ??= this.doWhatIsDue().finally(() => {
      this.beating = null;
    });
    return this.beating;
  }

  onModuleDestroy(): void {
    this.isStopping = true;
    if (this.schedule.doesExist('interval', SCHEDULE_NAME)) this.schedule.deleteInterval(SCHEDULE_NAME);
  }

  /** Waits for what is under way: the database is closed after this. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.retention.stop();
    await this.beating;
  }

  private async doWhatIsDue(): Promise<void> {
    await this.disk.look();
    const now = this.options.clock.monotonic();
    if (now < this.pruneAt || this.isStopping) return;
    this.pruneAt = now + this.options.pruneIntervalMs;
    // Not waited for: it takes long, and the disk must be looked at meanwhile.
    void this.retention.prune();
  }
}
