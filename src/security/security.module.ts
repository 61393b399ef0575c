import { ConfigurableModuleBuilder, Inject, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { rawBodyReader } from './raw-body-reader.js';
import {
  SECURITY_OPTIONS,
  resolveSecurityOptions,
  type SecurityModuleOptions,
  type SecurityOptions,
} from './security.options.js';
import { SignatureGuard } from './signature.guard.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<SecurityModuleOptions>({
  moduleName: 'Security',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Checks that requests come from who holds the webhook's secret. Put `@UseGuards(SignatureGuard)` on the routes whose
 * paths are listed in the options. For applications on Express.
 *
 * @example
 * imports: [SecurityModule.forRoot({ secrets: [secret], paths: ['hooks/gitea'] })]
 */
@Module({
  providers: [
    { provide: SECURITY_OPTIONS, useFactory: resolveSecurityOptions, inject: [MODULE_OPTIONS_TOKEN] },
    SignatureGuard,
  ],
  exports: [SECURITY_OPTIONS, SignatureGuard],
})
export class SecurityModule extends ConfigurableModuleClass {
  constructor(host: HttpAdapterHost, @Inject(SECURITY_OPTIONS) options: SecurityOptions) {
    super();
    // Nest registers body parsers before the middleware of modules. This moment is before both, in every host: a parser
    // that finds the request read leaves it alone.
    host.init$.subscribe(() => host.httpAdapter.use(rawBodyReader(options)));
  }
}
