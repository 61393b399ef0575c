import { Global, Module } from '@nestjs/common';

import { APP_CONFIG, type AppConfig } from './config/index.js';
import { EGRESS, type Egress } from './egress/index.js';
import { HOSTS_ACCESS, hostsAccess } from './hosts-access.js';

/** What several modules share and none of them makes. */
@Global()
@Module({
  providers: [
    {
      provide: HOSTS_ACCESS,
      useFactory: (egress: Egress, config: AppConfig) => hostsAccess(egress, config),
      inject: [EGRESS, APP_CONFIG],
    },
  ],
  exports: [HOSTS_ACCESS],
})
export class SurroundingsModule {}
