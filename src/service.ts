import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module.js';
import { readAppConfig } from './config/index.js';
import { StatfsFreeSpace, makeRoomToStart } from './retention/index.js';
import { ServiceHttpAdapter } from './service-http-adapter.js';
import { ServiceLogger } from './service-logger.js';

/**
 * Makes the service of the environment this process was started in, and listens.
 *
 * @throws {InvalidConfigurationError} naming every variable that is missing or wrong
 */
export async function startService(): Promise<INestApplication> {
  const { http, logLevel, scrubber, dataFolder } = readAppConfig();
  await makeRoomToStart(dataFolder, new StatfsFreeSpace(dataFolder));
  const logger = new ServiceLogger(logLevel, scrubber);
  const app = await NestFactory.create(AppModule, new ServiceHttpAdapter(), {
    logger,
    abortOnError: false,
    // The webhook's own reader takes the bytes of deliveries, and nothing else has a body.
    bodyParser: false,
  });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(http.port, http.host);
  logger.log('Service is ready', { address: await app.getUrl() }, 'Startup');
  return app;
}
