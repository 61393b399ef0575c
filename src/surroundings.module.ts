import { Global, Module } from '@nestjs/common';

import { AgentRegistry, ModelAvailability } from './agents/index.js';
import { APP_CONFIG, type AppConfig } from './config/index.js';
import { EGRESS, type Egress } from './egress/index.js';
import { HOSTS_ACCESS, hostsAccess } from './hosts-access.js';
import { CLOCK, EVENT_BUS, RANDOMNESS, type Clock, type EventBus, type Randomness } from './kernel/index.js';

/** What several modules share and none of them makes. */
@Global()
@Module({
  providers: [
    {
      provide: HOSTS_ACCESS,
      useFactory: (egress: Egress, config: AppConfig) => hostsAccess(egress, config.egress),
      inject: [EGRESS, APP_CONFIG],
    },
    {
      provide: ModelAvailability,
      useFactory: ({ profiles }: AgentRegistry, clock: Clock, randomness: Randomness, bus: EventBus) =>
        new ModelAvailability(profiles, clock, randomness, bus),
      inject: [AgentRegistry, CLOCK, RANDOMNESS, EVENT_BUS],
    },
  ],
  exports: [HOSTS_ACCESS, ModelAvailability],
})
export class SurroundingsModule {}
