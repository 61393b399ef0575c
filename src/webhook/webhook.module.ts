import { ConfigurableModuleBuilder, Module, type DynamicModule } from '@nestjs/common';
import { SecurityModule, type SecurityModuleOptions } from '../security/index.js';
import { DELIVERY_LOG } from './delivery-log.port.js';
import { webhookControllerAt } from './webhook.controller.js';
import type { DeliveryRefused } from './webhook.events.js';
import {
  WEBHOOK_OPTIONS,
  resolveWebhookOptions,
  type WebhookModuleOptions,
  type WebhookOptions,
} from './webhook.options.js';
import { WebhookService } from './webhook.service.js';

/** What must be known while modules are put together, before any factory runs. */
interface WebhookModuleExtras {
  /**
   * Where deliveries are sent to, without the host's global prefix.
   * @default webhook/gitea
   */
  readonly path?: string;
  /**
   * Whether the delivery log can be injected everywhere.
   * @default true
   */
  readonly isGlobal?: boolean;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<WebhookModuleOptions>({ moduleName: 'Webhook' })
    .setClassMethodName('forRoot')
    .setExtras<WebhookModuleExtras>({}, (definition) => definition)
    .build();

/** Holds the options, so that the webhook and the guard it brings share one set of them. */
@Module({
  providers: [{ provide: WEBHOOK_OPTIONS, useFactory: resolveWebhookOptions, inject: [MODULE_OPTIONS_TOKEN] }],
  exports: [WEBHOOK_OPTIONS],
})
class WebhookOptionsModule extends ConfigurableModuleClass {}

/**
 * Takes the deliveries of Gitea, Forgejo and Gogs in: checks who sent them, keeps those that are about issues, and tells
 * who wants to know. Brings its own SecurityModule, and needs no other module.
 *
 * @example
 * imports: [WebhookModule.forRoot({ security: { secrets: [secret] }, handler: { accepted: (delivery) => … } })]
 */
@Module({})
export class WebhookModule {
  static forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return assemble(WebhookOptionsModule.forRoot(options), options);
  }

  static forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return assemble(WebhookOptionsModule.forRootAsync(options), options);
  }
}

function assemble(
  configured: DynamicModule,
  { path = 'webhook/gitea', isGlobal = true }: WebhookModuleExtras,
): DynamicModule {
  const security = SecurityModule.forRootAsync({
    isGlobal: false,
    imports: [configured],
    inject: [WEBHOOK_OPTIONS],
    useFactory: (options: WebhookOptions) => securityOptions(options, path),
  });
  return {
    module: WebhookModule,
    global: isGlobal,
    imports: [configured, security],
    controllers: [webhookControllerAt(path)],
    providers: [
      {
        provide: DELIVERY_LOG,
        useFactory: (options: WebhookOptions) => options.deliveryLog,
        inject: [WEBHOOK_OPTIONS],
      },
      WebhookService,
    ],
    exports: [DELIVERY_LOG],
  };
}

function securityOptions({ security, eventBus, clock }: WebhookOptions, path: string): SecurityModuleOptions {
  return {
    ...security,
    paths: [path],
    clock,
    onRefused: ({ code, status }) => {
      const event: DeliveryRefused = { type: 'webhook.delivery-refused', code, status };
      eventBus.publish(event);
    },
  };
}
