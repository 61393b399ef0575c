import { Logger } from '@nestjs/common';
import { messageOf } from '../kernel/index.js';
import type { Signals } from '../orchestration/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';

/** Tells other processes by the database, and hears them. An embedded one has nobody to tell. */
export class SqlSignals implements Signals {
  private readonly logger = new Logger(SqlSignals.name);

  constructor(private readonly database: CoordinatorDatabase) {}

  tell(jobId: string): void {
    this.database
      .wake(jobId)
      .catch((error: unknown) => this.logger.debug('A signal was lost', { jobId, reason: messageOf(error) }));
  }

  listen(heard: (jobId: string | null) => void): void {
    this.database.onWake((about) => heard(about === '' ? null : about));
  }
}
