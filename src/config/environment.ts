import { ConfigModule, registerAs } from '@nestjs/config';

import { SecretScrubber } from '../kernel/index.js';
import { loadAppConfig, type AppConfig } from './app-config.js';

/** One for the process, so that the log hides what any part of it has looked up. */
const scrubber = new SecretScrubber();

/**
 * The configuration of this process: its environment, and `.env` where the environment is silent.
 *
 * @throws {InvalidConfigurationError} naming every variable that is missing or wrong
 */
export function readAppConfig(): AppConfig {
  return loadAppConfig(process.env, scrubber);
}

/**
 * The configuration as a provider: inject it with `@Inject(APP_CONFIG)`. The only place that reads the process's
 * environment. It is read when the provider is made, not when this file is imported, so that a mistake in it is an
 * error somebody can catch.
 */
const appConfig = registerAs('app', () => ({ ...readAppConfig() }));

export const APP_CONFIG = appConfig.KEY;

/** Reads `.env` of the working directory, then the environment, which wins. */
export const EnvironmentModule = ConfigModule.forRoot({ isGlobal: true, cache: true, load: [appConfig] });
