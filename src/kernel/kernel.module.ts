import { Global, Logger, Module } from '@nestjs/common';

import { CLOCK, SystemClock } from './clock.js';
import { EVENT_BUS, InProcessEventBus } from './event-bus.js';
import { RANDOMNESS, SystemRandomness } from './randomness.js';

/** Gives the whole app one clock, one source of chance and one event bus. */
@Global()
@Module({
  providers: [
    { provide: CLOCK, useClass: SystemClock },
    { provide: RANDOMNESS, useClass: SystemRandomness },
    {
      provide: EVENT_BUS,
      useFactory: () => {
        const logger = new Logger('EventBus');
        return new InProcessEventBus((sentence) => logger.error(sentence));
      },
    },
  ],
  exports: [CLOCK, RANDOMNESS, EVENT_BUS],
})
export class KernelModule {}
