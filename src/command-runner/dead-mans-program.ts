import { SystemClock } from '../kernel/index.js';
import { ProcProcessTable } from './process-table.js';
import { watchHeartbeats } from './watch-heartbeats.js';

// The process that a DeadMansSwitch starts: `node dead-mans-program.js <owner> <silence in milliseconds>`.
const [ownerId = '', silenceMs = ''] = process.argv.slice(2);
await watchHeartbeats(process.stdin, {
  ownerId,
  silenceMs: Number(silenceMs),
  clock: new SystemClock(),
  table: new ProcProcessTable(),
  // Nobody may be there to read it any more.
  killed: (count) => process.stdout.on('error', () => undefined).write(`${count}\n`),
});
