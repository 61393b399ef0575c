import { join } from 'node:path';

import { Global, Module } from '@nestjs/common';

import { APP_CONFIG, type AppConfig } from './config/index.js';
import { EGRESS, type Egress } from './egress/index.js';
import { HOSTS_ACCESS, hostsAccess } from './hosts-access.js';
import { CLOCK, type Clock } from './kernel/index.js';
import { FolderDependencyCache } from './quality-gates/index.js';

/** What several modules share and none of them makes. */
@Global()
@Module({
  providers: [
    {
      provide: HOSTS_ACCESS,
      useFactory: (egress: Egress, config: AppConfig) => hostsAccess(egress, config),
      inject: [EGRESS, APP_CONFIG],
    },
    {
      provide: FolderDependencyCache,
      useFactory: ({ dataFolder }: AppConfig, clock: Clock) =>
        new FolderDependencyCache({ folder: join(dataFolder, 'dependencies'), clock }),
      inject: [APP_CONFIG, CLOCK],
    },
  ],
  exports: [FolderDependencyCache, HOSTS_ACCESS],
})
export class SurroundingsModule {}
