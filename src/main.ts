#!/usr/bin/env node
import 'reflect-metadata';

import { InvalidConfigurationError } from './config/index.js';
import { messageOf } from './kernel/index.js';
import { startService } from './service.js';

/** EX_CONFIG of sysexits.h: starting again without a change of the configuration is of no use. */
const EXIT_CONFIGURATION = 78;

try {
  await startService();
} catch (error) {
  process.stderr.write(`mosaic-coordinator cannot start: ${messageOf(error)}\n`);
  process.exit(error instanceof InvalidConfigurationError ? EXIT_CONFIGURATION : 1);
}
