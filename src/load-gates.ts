import { readFileSync } from 'node:fs';

import { InvalidConfigurationError, type AppConfig } from './config/index.js';
import { messageOf } from './kernel/index.js';
import { resolveQualityGatesOptions } from './quality-gates/index.js';

/**
 * The gates that the operator declares for repositories that declare none, as YAML; null where there is no such file.
 *
 * @throws {InvalidConfigurationError} if the file cannot be read, or has mistakes
 */
export function loadGates({ gatesFile }: Pick<AppConfig, 'gatesFile'>): string | null {
  if (gatesFile === null) return null;
  try {
    const text = readFileSync(gatesFile, 'utf8');
    resolveQualityGatesOptions({ defaultConfiguration: text });
    return text;
  } catch (error) {
    throw new InvalidConfigurationError([`GATES_FILE cannot be used: ${messageOf(error)}`]);
  }
}
