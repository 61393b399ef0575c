import { runNetworkBridge } from './run-network-bridge.js';

const { code, signal, sentence } = await runNetworkBridge(process.argv.slice(2), process);
if (sentence !== null) process.stderr.write(`${sentence}\n`);
process.exitCode = code;
// Whoever waits sees the program's end as it was. The first process of a namespace outlives it: then the code tells.
if (signal !== null) process.kill(process.pid, signal);
