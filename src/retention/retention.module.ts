import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { DiskWatch } from './disk-watch.service.js';
import { RetentionSchedule } from './retention-schedule.js';
import { RETENTION_OPTIONS, resolveRetentionOptions, type RetentionModuleOptions } from './retention.options.js';
import { RetentionService } from './retention.service.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<RetentionModuleOptions>({
  moduleName: 'Retention',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Decides what is old enough to be dropped, and whether the disk has room for work. What there is, and how it goes, are
 * options. Needs no other module of this package.
 *
 * Global by default: a second one would drop the same things at the same time.
 */
@Module({
  imports: [ScheduleModule.forRoot()],
  providers: [
    { provide: RETENTION_OPTIONS, useFactory: resolveRetentionOptions, inject: [MODULE_OPTIONS_TOKEN] },
    RetentionService,
    DiskWatch,
    RetentionSchedule,
  ],
  exports: [RetentionService, DiskWatch],
})
export class RetentionModule extends ConfigurableModuleClass {}
