import { ConfigurableModuleBuilder, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import {
  EGRESS_OPTIONS,
  resolveEgressOptions,
  type EgressModuleOptions,
  type EgressOptions,
} from './egress.options.js';
import { EGRESS } from './egress.types.js';
import { EgressProxy } from './egress-proxy.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<EgressModuleOptions>({
  moduleName: 'Egress',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Decides what leaves a sandbox: opens one way out for each session. Needs no other module of this package.
 *
 * Global by default, so that one proxy knows of every gate there is to close on shutdown.
 */
@Module({
  providers: [
    { provide: EGRESS_OPTIONS, useFactory: resolveEgressOptions, inject: [MODULE_OPTIONS_TOKEN] },
    {
      provide: EgressProxy,
      useFactory: (options: EgressOptions) => new EgressProxy(options),
      inject: [EGRESS_OPTIONS],
    },
    { provide: EGRESS, useExisting: EgressProxy },
  ],
  exports: [EGRESS],
})
export class EgressModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Inject(EgressProxy) private readonly proxy: EgressProxy) {
    super();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.proxy.close();
  }
}
