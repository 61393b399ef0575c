import { ConfigurableModuleBuilder, Module } from '@nestjs/common';

import { MetricsController } from './metrics.controller.js';
import { METRICS_OPTIONS, type MetricsModuleOptions } from './metrics.options.js';
import { MetricsService } from './metrics.service.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<MetricsModuleOptions>({
  moduleName: 'Metrics',
})
  .setClassMethodName('forRoot')
  .build();

/** Counts what the other modules announce, and shows it at `/metrics`. */
@Module({
  controllers: [MetricsController],
  providers: [{ provide: METRICS_OPTIONS, useExisting: MODULE_OPTIONS_TOKEN }, MetricsService],
})
export class MetricsModule extends ConfigurableModuleClass {}
