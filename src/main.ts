#!/usr/bin/env node
import 'reflect-metadata';

import { InvalidProfileFileError } from './agents/index.js';
import { runCommand } from './cli.js';
import { InvalidConfigurationError } from './config/index.js';
import { messageOf } from './kernel/index.js';
import { SandboxUnusableError } from './sandbox/index.js';

/** EX_CONFIG of sysexits.h: starting again without a change of the configuration is of no use. */
const EXIT_CONFIGURATION = 78;

const argv = process.argv.slice(2);
try {
  // Loaded when it is started: whoever runs a command need not wait for it.
  if (argv.length === 0) await (await import('./service.js')).startService();
  else process.exitCode = await runCommand({ argv, write: (text) => process.stdout.write(text), path: programPath() });
} catch (error) {
  const isUnconfined = error instanceof SandboxUnusableError;
  const choice = isUnconfined ? ' Or let agents read whatever the service can: ALLOW_UNSANDBOXED_AGENT=true' : '';
  process.stderr.write(`mosaic-coordinator cannot start: ${messageOf(error)}${choice}\n`);
  const isConfiguration =
    isUnconfined || error instanceof InvalidConfigurationError || error instanceof InvalidProfileFileError;
  process.exit(isConfiguration ? EXIT_CONFIGURATION : 1);
}

function programPath(): string {
  return process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
}
