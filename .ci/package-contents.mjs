// Asks npm what it would pack, and checks that everything the package promises is in it, and nothing of the workshop.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { bin, exports, files: listed } = JSON.parse(readFileSync('package.json', 'utf8'));
const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
const [pack] = JSON.parse(answer);
const packed = new Set(pack.files.map(({ path }) => path));

const promised = [
  'package.json',
  'README.md',
  'LICENSE',
  ...listed.filter((name) => name.includes('.')),
  ...Object.values(bin),
  ...Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))),
  'dist/demo/main.js',
].map((path) => path.replace(/^\.\//, ''));
const missing = promised.filter((path) => !packed.has(path));
const surplus = [...packed].filter((path) =>
  /\.(?:e2e-)?spec\.|^(?:src|test|bench|coverage|data)\/|(?:^|\/)\.env/.test(path),
);

for (const path of missing) process.stderr.write(`not in the package: ${path}\n`);
for (const path of surplus) process.stderr.write(`does not belong into the package: ${path}\n`);
process.stdout.write(
  `${packed.size} files, ${promised.length} of them promised, ${pack.unpackedSize} bytes unpacked\n`,
);
const looked = promised.length > 20 && packed.size > promised.length;
if (!looked) process.stderr.write('The package is all but empty: was it built?\n');
process.exitCode = looked && missing.length === 0 && surplus.length === 0 ? 0 : 1;
