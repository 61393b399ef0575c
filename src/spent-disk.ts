import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

import { OrchestrationLoop } from './orchestration/index.js';
import { DiskWatch } from './retention/index.js';

/** Stops the runs when the disk is spent. The two do not know each other: the watch is a guard of the loop besides. */
@Injectable()
export class SpentDisk implements OnModuleInit {
  constructor(
    @Inject(DiskWatch) private readonly disk: DiskWatch,
    @Inject(OrchestrationLoop) private readonly loop: OrchestrationLoop,
  ) {}

  onModuleInit(): void {
    this.disk.whenSpent((sentence) => this.loop.stopRuns(sentence));
  }
}
