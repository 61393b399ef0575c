import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { COMMAND_RUNNER, ProcessCommandRunner } from '../command-runner/index.js';
import { CLOCK, SystemClock } from '../kernel/index.js';
import {
  QUALITY_GATES_OPTIONS,
  resolveQualityGatesOptions,
  type QualityGatesModuleOptions,
} from './quality-gates.options.js';
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
      provide: CLOCK,
      useFactory: (given: QualityGatesModuleOptions) => given.clock ?? new SystemClock(),
      inject: [MODULE_OPTIONS_TOKEN],
    },
    {
      provide: COMMAND_RUNNER,
      useFactory: (given: QualityGatesModuleOptions) => given.commandRunner ?? new ProcessCommandRunner(),
      inject: [MODULE_OPTIONS_TOKEN],
    },
    { provide: QUALITY_GATES_OPTIONS, useFactory: resolveQualityGatesOptions, inject: [MODULE_OPTIONS_TOKEN] },
    QualityGatesService,
  ],
  exports: [QualityGatesService],
})
export class QualityGatesModule extends ConfigurableModuleClass {}
