import { ConfigurableModuleBuilder, Module } from '@nestjs/common';

import { SystemClock } from '../kernel/index.js';
import { resolveContextMonitorOptions, type ContextMonitorModuleOptions } from './context-monitor.options.js';
import { ContextMonitorService } from './context-monitor.service.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ContextMonitorModuleOptions>({
  moduleName: 'ContextMonitor',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Watches how full each session's context window is. Needs no other module of this package.
 *
 * Global by default, so that the app calls `forRoot` once: Nest makes one module for each call, and a second would be
 * a monitor that has seen no readings.
 */
@Module({
  providers: [
    {
      provide: ContextMonitorService,
      useFactory: (given: ContextMonitorModuleOptions) =>
        new ContextMonitorService(resolveContextMonitorOptions(given), given.clock ?? new SystemClock()),
      inject: [MODULE_OPTIONS_TOKEN],
    },
  ],
  exports: [ContextMonitorService],
})
export class ContextMonitorModule extends ConfigurableModuleClass {}
