import { ConfigurableModuleBuilder, Module } from '@nestjs/common';

import { API_OPTIONS, type ApiModuleOptions } from './api.options.js';
import { ApiTokenGuard } from './api-token.guard.js';
import { CalibrationController } from './calibration.controller.js';
import { JobsController } from './jobs.controller.js';
import { SpendController } from './spend.controller.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ApiModuleOptions>({
  moduleName: 'Api',
})
  .setClassMethodName('forRoot')
  .build();

/** Shows the jobs, why each is where it is, and what is spent, to whoever holds the API token. */
@Module({
  controllers: [JobsController, SpendController, CalibrationController],
  providers: [{ provide: API_OPTIONS, useExisting: MODULE_OPTIONS_TOKEN }, ApiTokenGuard],
})
export class ApiModule extends ConfigurableModuleClass {}
