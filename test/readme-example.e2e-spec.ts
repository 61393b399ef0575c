import { execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { codeBlocks, readDocument, REPOSITORY } from './support/documents.js';

const SECRET = 'the-secret-of-the-example';

/** As an application on Nest 12 has it. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    types: ['node'],
    outDir: 'out',
    strict: true,
    exactOptionalPropertyTypes: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
  },
  files: ['main.ts'],
};

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

describe('the example of the README', () => {
  it('compiles and runs in an application of somebody else', async () => {
    const folder = await scratchApplication();
    await compile(folder);
    const { url, lines, stop } = await start(folder);

    const unsigned = await fetch(`${url}/jobs/next`, { method: 'POST', body: '{}' });
    const empty = await post(`${url}/jobs/next`, '{}');
    const delivered = await post(`${url}/webhook/gitea`, delivery(), { 'X-Gitea-Event': 'issues' });
    const next = await post(`${url}/jobs/next`, '{}');

    await stop();
    expect(lines.join('\n')).not.toMatch(/error/i);
    expect([unsigned.status, empty.status, delivered.status, next.status]).toEqual([401, 201, 200, 201]);
    expect([await empty.json(), await delivered.json(), await next.json()]).toEqual([
      { job: null },
      { status: 'accepted', delivery: expect.stringMatching(/^sha256:/) },
      { job: 'acme/calculator#7', token: 1, title: 'Divide by zero' },
    ]);
  }, 120_000);
});

interface Started {
  readonly url: string;
  /** What it said. */
  readonly lines: readonly string[];
  readonly stop: () => Promise<void>;
}

/** A folder with the example in it and the package installed: as it was built, with what it needs beside it. */
async function scratchApplication(): Promise<string> {
  const built = join(REPOSITORY, 'dist', 'queue', 'index.d.ts');
  if (!existsSync(built)) throw new Error('The package is not built: npm run build');
  const [example = ''] = codeBlocks(readDocument('README.md'), 'ts');
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'mosaic-example-')));
  folders.push(folder);
  const modules = join(REPOSITORY, 'node_modules');
  await mkdir(join(folder, 'node_modules', '@types'), { recursive: true });
  await symlink(REPOSITORY, join(folder, 'node_modules', 'mosaic-coordinator'));
  for (const name of ['@nestjs', 'reflect-metadata', '@types/node', 'rxjs']) {
    await symlink(join(modules, name), join(folder, 'node_modules', name));
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'scratch', private: true, type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  await writeFile(join(folder, 'main.ts'), example);
  return folder;
}

async function compile(folder: string): Promise<void> {
  const compiler = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  const done = await promisify(execFile)(process.execPath, [compiler, '--project', folder], { cwd: folder }).catch(
    (error: { readonly stdout: string }) => error,
  );
  expect(done.stdout).toBe('');
}

/** Resolves when it listens, and rejects with what it said when it ends before. */
function start(folder: string): Promise<Started> {
  const program = spawn(process.execPath, [join(folder, 'out', 'main.js')], {
    env: { PATH: process.env['PATH'], WEBHOOK_SECRET: SECRET, PORT: '0', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ended = new Promise<void>((resolve) => program.once('close', () => resolve()));
  const stop = (): Promise<void> => {
    program.kill();
    return ended;
  };
  return new Promise((resolve, reject) => {
    const hear = (line: string): void => {
      lines.push(line);
      const [, url] = /Listens at (http:\S+)/.exec(line) ?? [];
      if (url !== undefined) resolve({ url, lines, stop });
    };
    for (const stream of [program.stdout, program.stderr]) createInterface({ input: stream }).on('line', hear);
    program.on('close', () => reject(new Error(lines.join('\n'))));
  });
}

function post(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  return fetch(url, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json', 'X-Gitea-Signature': signature, ...headers },
  });
}

function delivery(): string {
  return JSON.stringify({
    action: 'opened',
    issue: { number: 7, title: 'Divide by zero', body: '', state: 'open', assignees: null, labels: null },
    repository: { full_name: 'acme/calculator', default_branch: 'main' },
  });
}
