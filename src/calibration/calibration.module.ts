import { ConfigurableModuleBuilder, Module } from '@nestjs/common';

import {
  CALIBRATION_OPTIONS,
  resolveCalibrationOptions,
  type CalibrationModuleOptions,
} from './calibration.options.js';
import { CalibrationService } from './calibration.service.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<CalibrationModuleOptions>({
  moduleName: 'Calibration',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Corrects estimates by what finished work really took. Needs no other module of this package, and no database.
 *
 * Global by default, so that the app calls `forRoot` once: a second module would be one that has learnt nothing.
 */
@Module({
  providers: [
    { provide: CALIBRATION_OPTIONS, useFactory: resolveCalibrationOptions, inject: [MODULE_OPTIONS_TOKEN] },
    CalibrationService,
  ],
  exports: [CalibrationService],
})
export class CalibrationModule extends ConfigurableModuleClass {}
