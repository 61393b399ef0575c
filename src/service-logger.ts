import { ConsoleLogger, type LogLevel } from '@nestjs/common';

import type { LogLevelName } from './config/index.js';
import type { SecretScrubber } from './kernel/index.js';

/** What the framework says of its own assembly: for whoever looks for a fault in it. */
const ASSEMBLY = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication']);

const LEVELS: Readonly<Record<LogLevelName, LogLevel[]>> = {
  debug: ['debug', 'log', 'warn', 'error', 'fatal'],
  info: ['log', 'warn', 'error', 'fatal'],
  warning: ['warn', 'error', 'fatal'],
  error: ['error', 'fatal'],
};

/**
 * Writes one line of JSON an event, with the fields at its top level, and no secret: whatever a message or a stack
 * says, the known secrets are replaced before the line is written.
 */
export class ServiceLogger extends ConsoleLogger {
  /** @param scrubber knows every value that must not be written */
  constructor(
    level: LogLevelName,
    private readonly scrubber: SecretScrubber,
  ) {
    super({ json: true, flattenParams: true, logLevels: LEVELS[level] });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && ASSEMBLY.has(context)) super.debug(message, ...rest);
    else super.log(message, ...rest);
  }

  protected override stringifyJsonLogObject(line: Record<string, unknown>): string {
    return this.scrubber.scrub(super.stringifyJsonLogObject(line));
  }
}
