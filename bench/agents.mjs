// What agents cost: their start-up and memory by runtime, the sandbox by command, and the coordinator while many wait.
//
//   node bench/agents.mjs [folder of the built code] [parts: starts,sandbox,waiting]
//
// Every agent's model is a script on this machine: what is measured is everything but the model.
import { resolve } from 'node:path';
import { measureSandbox } from './agents-sandbox.mjs';
import { measureStarts } from './agents-starts.mjs';
import { measureWaiting } from './agents-waiting.mjs';

const PARTS = { starts: measureStarts, sandbox: measureSandbox, waiting: measureWaiting };

const dist = resolve(process.argv[2] ?? 'dist');
const wanted = process.argv[3]?.split(',') ?? Object.keys(PARTS);
for (const name of wanted) await PARTS[name](dist);
