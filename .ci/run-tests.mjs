// `npm test`: the tests beside the code, which measure what they cover, and then those of test/, which start programs. What
// plays long proofs through is left out: see jest.config.mjs. With MOSAIC_TEST_REPORTS, a folder, jest's reports are left
// in it, `unit.json` and `e2e.json`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const reports = process.env.MOSAIC_TEST_REPORTS;
const env = { ...process.env, MOSAIC_LONG_TESTS: 'left-out' };

function jest(name, args) {
  const report = reports ? ['--json', `--outputFile=${join(reports, `${name}.json`)}`] : [];
  const program = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const all = [...program, ...args, ...report, ...process.argv.slice(2)];
  const child = spawn(process.execPath, all, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

const unit = await jest('unit', ['--roots=<rootDir>/src', '--coverage']);
const e2e = await jest('e2e', ['--roots=<rootDir>/test']);
process.exitCode = unit || e2e;
