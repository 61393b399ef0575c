import { describe, expect, it, jest } from '@jest/globals';
import { Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { CLOCK, KernelModule, type Clock } from '../src/kernel/index.js';
import { FakeGitea } from '../src/testing/index.js';
import { MODULE_USES, type ModuleUse, type Place } from './support/module-uses.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';

jest.setTimeout(30_000);

/** The ways in which an app can configure a module. */
const WAYS = {
  forRoot: ({ module }: ModuleUse, options: object) => [module.forRoot(options as never)],
  forRootAsync: ({ module }: ModuleUse, options: object) => [
    module.forRootAsync({ useFactory: async () => options } as never),
  ],
  "forRootAsync with the app's clock": ({ module }: ModuleUse, options: object) => [
    { module: KernelModule },
    module.forRootAsync({ inject: [CLOCK], useFactory: (clock: Clock) => ({ ...options, clock }) } as never),
  ],
} as const;

/** An app of somebody else's with nothing in it but the module under test. */
async function startApp(use: ModuleUse, imports: readonly DynamicModule[]): Promise<INestApplication> {
  @Module({ imports: [...imports], controllers: [...(use.controllers ?? [])] })
  class SomebodysModule {}

  const app = await NestFactory.create(SomebodysModule, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

async function withPlace<T>(action: (place: Place) => Promise<T>): Promise<T> {
  const folder = makeTemporaryFolder();
  const gitea = await FakeGitea.start({ users: ['mosaic'] });
  try {
    await gitea.createRepository({ owner: 'acme', name: 'tools', files: { 'README.md': '# tools\n' } });
    return await action({ folder: folder.path, gitea });
  } finally {
    await gitea.close();
    folder.remove();
  }
}

describe.each(MODULE_USES.map((use) => [use.name, use] as const))('The module %s, alone', (_name, use) => {
  it.each(Object.keys(WAYS) as (keyof typeof WAYS)[])('works and closes, configured by %s', async (way) => {
    await withPlace(async (place) => {
      const options = use.options(place);
      const app = await startApp(use, WAYS[way](use, options));

      const seen = await use.use(app, place, options);
      await app.close();

      expect(seen).toEqual(use.shows);
    });
  });
});
