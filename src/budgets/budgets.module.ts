import { ConfigurableModuleBuilder, Module } from '@nestjs/common';

import { BudgetService } from './budget.service.js';
import { BUDGETS_OPTIONS, resolveBudgetsOptions, type BudgetsModuleOptions } from './budgets.options.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<BudgetsModuleOptions>({
  moduleName: 'Budgets',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Keeps what agents spend, and says when it is enough. Needs no other module of this package.
 *
 * Global by default, so that the app calls `forRoot` once: Nest makes one module for each call, and with the default
 * ledger a second would know nothing of what the first one's runs spent.
 */
@Module({
  providers: [
    { provide: BUDGETS_OPTIONS, useFactory: resolveBudgetsOptions, inject: [MODULE_OPTIONS_TOKEN] },
    BudgetService,
  ],
  exports: [BudgetService],
})
export class BudgetsModule extends ConfigurableModuleClass {}
