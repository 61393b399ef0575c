import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import type { QualityGatesModuleOptions } from './quality-gates.options.js';
import { QualityGatesService } from './quality-gates.service.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<QualityGatesModuleOptions>({
  moduleName: 'QualityGates',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Decides whether work is done. Needs no other module of this package: without a `commandRunner` it runs the gates as
 * processes of this machine, outside any sandbox.
 */
@Module({
  providers: [
    {
      provide: QualityGatesService,
      useFactory: (given: QualityGatesModuleOptions) => QualityGatesService.alone(given),
      inject: [MODULE_OPTIONS_TOKEN],
    },
  ],
  exports: [QualityGatesService],
})
export class QualityGatesModule extends ConfigurableModuleClass {}
