import { join } from 'node:path';

import { paintFor } from './paint.js';
import { runDemo } from './run-demo.js';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const paint = paintFor(process.stdout.isTTY && !process.env['NO_COLOR']);
const faults = await runDemo({
  program: join(import.meta.dirname, '..', 'main.js'),
  print,
  paint,
  path: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
});
for (const fault of faults) print(paint.bad(`  The demonstration failed: ${fault}`));
if (faults.length === 0) print(paint.good('  The end is as it must be.'));
process.exitCode = faults.length === 0 ? 0 : 1;
