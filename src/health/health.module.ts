import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';

import { HealthController } from './health.controller.js';
import { HEALTH_OPTIONS, type HealthModuleOptions } from './health.options.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<HealthModuleOptions>({
  moduleName: 'Health',
})
  .setClassMethodName('forRoot')
  .build();

/** Answers probes: lives, and is ready. While the app shuts down it lives and is not ready. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [{ provide: HEALTH_OPTIONS, useExisting: MODULE_OPTIONS_TOKEN }],
})
export class HealthModule extends ConfigurableModuleClass {}
