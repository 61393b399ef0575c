import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it, jest } from '@jest/globals';

import { PROGRAM } from './support/service-process.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';

jest.setTimeout(60_000);

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
/** Where `dist` is. */
const PACKAGE = join(dirname(PROGRAM), '..');
const DESCRIPTION = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

/** Makes the tarball that would be published, in a folder. Resolves with its file and what is in it. */
async function pack(folder: string): Promise<{ tarball: string; files: readonly string[] }> {
  const argv = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', argv, { cwd: PACKAGE });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  return { tarball: join(folder, packed?.filename ?? ''), files: packed?.files.map(({ path }) => path) ?? [] };
}

/**
 * A project that has the tarball installed, with what the package says it needs and nothing else. Not by `npm install`:
 * that would need a registry. What it would put beside the package is linked from here, where it was installed.
 */
async function installedProject(folder: string, type: 'module' | 'commonjs'): Promise<string> {
  const { tarball } = await pack(folder);
  const project = join(folder, 'project');
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'mosaic-coordinator'), { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(modules, 'mosaic-coordinator')]);
  for (const name of Object.keys({ ...DESCRIPTION.dependencies, ...DESCRIPTION.peerDependencies })) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'somebodys', private: true, type }));
  return project;
}

const APP = `import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { Controller, Module, Post, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QueueModule, QueueService, type Job } from 'mosaic-coordinator/queue';
import { SecurityModule, SignatureGuard } from 'mosaic-coordinator/security';

const secret = 'a secret of somebody else';

@Controller('deploy')
@UseGuards(SignatureGuard)
class DeployController {
  constructor(private readonly queue: QueueService) {}

  @Post()
  async deploy(): Promise<{ claimed: string | null }> {
    const issue = { owner: 'some', repo: 'body', number: 1 };
    const draft = { issue, title: 'Deploy', profile: 'any', priority: 0, blockers: [], details: {} };
    await this.queue.enqueue(draft, 'It was asked for.');
    const job: Job | undefined = await this.queue.claim();
    return { claimed: job?.id ?? null };
  }
}

@Module({
  imports: [
    QueueModule.forRoot({ leaseMs: 5_000 }),
    SecurityModule.forRootAsync({ useFactory: () => ({ secrets: [secret], paths: ['deploy'] }) }),
  ],
  controllers: [DeployController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const post = async (signature: string): Promise<string> => {
  const answer = await fetch(await app.getUrl() + '/deploy', {
    method: 'POST',
    body: '{}',
    headers: { 'x-gitea-signature': signature },
  });
  return answer.status + ' ' + (await answer.text());
};
console.log(await post('0'.repeat(64)));
console.log(await post(createHmac('sha256', secret).update('{}').digest('hex')));
await app.close();
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    // Of others; what this package declares is checked where it is used.
    skipLibCheck: true,
  },
  files: ['app.ts'],
};

describe('The package', () => {
  it('holds what it promises, and nothing of the tests', async () => {
    const folder = makeTemporaryFolder();

    const { files } = await pack(folder.path);
    folder.remove();

    expect(files).toEqual(
      expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SPEC.md', 'dist/main.js']),
    );
    for (const subpath of Object.keys(DESCRIPTION.exports).filter((name) => name !== './package.json')) {
      const front = `dist/${subpath.slice('./'.length)}/index`;
      expect(files).toEqual(expect.arrayContaining([`${front}.js`, `${front}.d.ts`]));
    }
    expect(
      files.filter((path) => /\.(spec|e2e-spec|contract)\.|(^|\/)(test|bench|coverage|node_modules)\//.test(path)),
    ).toEqual([]);
    expect(files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
  });

  it("gives its guard and its queue to somebody's TypeScript app", async () => {
    const folder = makeTemporaryFolder();
    const project = await installedProject(folder.path, 'module');
    writeFileSync(join(project, 'app.ts'), APP);
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));

    const compiled = await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project], {
      cwd: project,
    }).catch((error: { stdout: string }) => error);
    const { stdout } = await run(process.execPath, ['app.js'], { cwd: project });
    folder.remove();

    expect(compiled.stdout).toBe('');
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^401 .*SIGNATURE_REJECTED/),
      '201 {"claimed":"some/body#1"}',
      '',
    ]);
  });

  it('can be required by CommonJS', async () => {
    const folder = makeTemporaryFolder();
    const project = await installedProject(folder.path, 'commonjs');
    const script = `
      const { QueueService } = require('mosaic-coordinator/queue');
      const { version } = require('mosaic-coordinator/package.json');
      QueueService.inMemory().countByState().then(({ available }) => console.log(typeof version, available));`;

    const { stdout } = await run(process.execPath, ['-e', script], { cwd: project });
    folder.remove();

    expect(stdout).toBe('string 0\n');
  });

  it('keeps the rest to itself', async () => {
    const folder = makeTemporaryFolder();
    const project = await installedProject(folder.path, 'module');
    const script = `await import('mosaic-coordinator/queue/apply-move.js')`;

    const inside = run(process.execPath, ['--input-type=module', '-e', script], { cwd: project });

    await expect(inside).rejects.toMatchObject({ stderr: expect.stringContaining('ERR_PACKAGE_PATH_NOT_EXPORTED') });
    folder.remove();
  });

  it('starts as a command', async () => {
    const folder = makeTemporaryFolder();
    const project = await installedProject(folder.path, 'module');

    const started = run(process.execPath, [join(project, 'node_modules/mosaic-coordinator/dist/main.js')], {
      cwd: project,
      env: {},
    });

    await expect(started).rejects.toMatchObject({ code: 78, stderr: expect.stringContaining('GITEA_URL is not set') });
    folder.remove();
  });
});
