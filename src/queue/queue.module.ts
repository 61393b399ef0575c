import { ConfigurableModuleBuilder, Module } from '@nestjs/common';

import { QUEUE_OPTIONS, resolveQueueOptions, type QueueModuleOptions } from './queue.options.js';
import { QueueService } from './queue.service.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<QueueModuleOptions>({
  moduleName: 'Queue',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Holds the queued work and says which job is next. Needs no other module of this package.
 *
 * Global by default, so that the app calls `forRoot` once: Nest makes one module for each call, and a second would be
 * another holder, and with the default store another queue.
 */
@Module({
  providers: [
    { provide: QUEUE_OPTIONS, useFactory: resolveQueueOptions, inject: [MODULE_OPTIONS_TOKEN] },
    QueueService,
  ],
  exports: [QueueService],
})
export class QueueModule extends ConfigurableModuleClass {}
