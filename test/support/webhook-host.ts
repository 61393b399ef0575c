import { afterEach } from '@jest/globals';
import type { INestApplication, LoggerService, ModuleMetadata, NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { AddressInfo } from 'node:net';
import { InProcessEventBus, type DomainEvent } from '../../src/kernel/index.js';
import { FakeClock } from '../../src/testing/index.js';
import {
  InMemoryDeliveryLog,
  WebhookModule,
  type Delivery,
  type DeliveryLog,
  type WebhookModuleOptions,
} from '../../src/webhook/index.js';
import { SECRET } from './recorded-deliveries.js';

/** Keeps what is logged. */
export class LogLines implements LoggerService {
  readonly lines: { readonly level: string; readonly message: unknown; readonly rest: readonly unknown[] }[] = [];

  log(message: unknown, ...rest: unknown[]): void {
    this.lines.push({ level: 'log', message, rest });
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.lines.push({ level: 'error', message, rest });
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.lines.push({ level: 'warn', message, rest });
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.lines.push({ level: 'debug', message, rest });
  }

  /** The lines of one level and logger, each with its fields. */
  of(context: string, level: string): readonly (readonly [unknown, unknown])[] {
    return this.lines
      .filter((line) => line.level === level && line.rest.at(-1) === context)
      .map(({ message, rest }) => [message, rest.length > 1 ? rest[0] : undefined] as const);
  }
}

/** A small application of somebody else's that imports the webhook. */
export interface WebhookHost {
  readonly app: INestApplication;
  readonly port: number;
  readonly url: string;
  readonly log: DeliveryLog;
  readonly clock: FakeClock;
  readonly lines: LogLines;
  readonly events: readonly DomainEvent[];
  /** What the handler was given. */
  readonly handled: readonly Delivery[];
}

interface HostOptions {
  readonly webhook?: Partial<WebhookModuleOptions> & { readonly path?: string };
  readonly host?: NestApplicationOptions;
  readonly adapter?: ExpressAdapter;
  /** More of the host's module. */
  readonly metadata?: ModuleMetadata;
  /** Before the application starts. */
  readonly prepare?: (app: INestApplication) => void;
}

/** Starts a host on a free port of this machine. Close its app. */
export async function startWebhookHost(options: HostOptions = {}): Promise<WebhookHost> {
  const events: DomainEvent[] = [];
  const handled: Delivery[] = [];
  const eventBus = new InProcessEventBus();
  for (const type of ['webhook.delivery-received', 'webhook.delivery-refused']) {
    eventBus.subscribe(type, (event) => events.push(event));
  }
  const log = options.webhook?.deliveryLog ?? new InMemoryDeliveryLog();
  const clock = new FakeClock();
  const lines = new LogLines();
  const webhook = WebhookModule.forRoot({
    security: { secrets: [SECRET] },
    deliveryLog: log,
    eventBus,
    clock,
    handler: { accepted: (delivery) => void handled.push(delivery) },
    ...options.webhook,
  });
  const { imports = [], ...metadata } = options.metadata ?? {};
  const moduleRef = await Test.createTestingModule({ imports: [webhook, ...imports], ...metadata })
    .setLogger(lines)
    .compile();
  const { adapter = new ExpressAdapter() } = options;
  const app = moduleRef.createNestApplication(adapter, { logger: lines, ...options.host });
  options.prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}`, log, clock, lines, events, handled };
}

/** Starts hosts, and closes them after each test with whatever else is to be closed then. Call it once in a file. */
export function hostsOfEachTest() {
  let open: INestApplication[] = [];

  afterEach(async () => {
    for (const app of open) await app.close();
    open = [];
  });

  return {
    start: async (options?: HostOptions): Promise<WebhookHost> => {
      const host = await startWebhookHost(options);
      open.push(host.app);
      return host;
    },
    closeAfterwards: (app: INestApplication): void => void open.push(app),
  };
}
