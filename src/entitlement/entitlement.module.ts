import { ConfigurableModuleBuilder, Module } from '@nestjs/common';

import {
  ENTITLEMENT_OPTIONS,
  resolveEntitlementOptions,
  type EntitlementModuleOptions,
} from './entitlement.options.js';
import { EntitlementService } from './entitlement.service.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<EntitlementModuleOptions>({
  moduleName: 'Entitlement',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Decides whether somebody may start or steer work in a repository. Needs no other module of this package.
 *
 * Global by default, so that the app calls `forRoot` once: a second module would ask everything a second time.
 */
@Module({
  providers: [
    { provide: ENTITLEMENT_OPTIONS, useFactory: resolveEntitlementOptions, inject: [MODULE_OPTIONS_TOKEN] },
    EntitlementService,
  ],
  exports: [EntitlementService],
})
export class EntitlementModule extends ConfigurableModuleClass {}
