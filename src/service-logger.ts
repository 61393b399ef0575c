import { ConsoleLogger, type LogLevel } from '@nestjs/common';

import type { LogLevelName } from './config/index.js';

/** What the framework says of its own assembly: for whoever looks for a fault in it. */
const ASSEMBLY = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication']);

/** What is shorter is no secret, but would be cut out of every other word. */
const SHORTEST_HIDDEN = 8;

const LEVELS: Readonly<Record<LogLevelName, LogLevel[]>> = {
  debug: ['debug', 'log', 'warn', 'error', 'fatal'],
  info: ['log', 'warn', 'error', 'fatal'],
  warning: ['warn', 'error', 'fatal'],
  error: ['error', 'fatal'],
};

/**
 * Writes one line of JSON an event, with the fields at its top level, and no secret: whatever a message or a stack
 * says, the configured secrets are replaced before the line is written.
 */
export class ServiceLogger extends ConsoleLogger {
  private readonly hidden: readonly string[];

  /** @param secrets every value that must not be written */
  constructor(level: LogLevelName, secrets: readonly string[]) {
    super({ json: true, flattenParams: true, logLevels: LEVELS[level] });
    // JSON escapes some characters: a secret that holds one of them stands in the line in its escaped form.
    const escaped = secrets
      .filter(({ length }) => length >= SHORTEST_HIDDEN)
      .map((secret) => JSON.stringify(secret).slice(1, -1));
    // The longest first, for one secret may be a part of another.
    this.hidden = [...new Set(escaped)].sort((a, b) => b.length - a.length);
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && ASSEMBLY.has(context)) super.debug(message, ...rest);
    else super.log(message, ...rest);
  }

  protected override stringifyJsonLogObject(line: Record<string, unknown>): string {
    return this.hidden.reduce(
      (text, secret) => text.replaceAll(secret, '[secret]'),
      super.stringifyJsonLogObject(line),
    );
  }
}
