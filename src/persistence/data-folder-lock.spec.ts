import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { compileSource } from '../../test/support/compiled-source.js';
import { startScript } from '../../test/support/script-process.js';
import { makeTemporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import { lockDataFolder } from './data-folder-lock.js';
import { ownIdentity } from './process-identity.js';

describe('lockDataFolder', () => {
  let compiled: TemporaryFolder;
  let parent: TemporaryFolder;
  let folder: string;

  beforeAll(() => {
    compiled = makeTemporaryFolder();
    compileSource(compiled.path, ['kernel', 'persistence']);
  });

  afterAll(() => compiled.remove());

  beforeEach(() => {
    parent = makeTemporaryFolder();
    folder = join(parent.path, 'data');
  });

  afterEach(() => parent.remove());

  const ownerFile = () => join(folder, 'coordinator.owner.json');

  /** Takes the lock, says so, and holds it until it is killed; says the error's code and sentence when it is refused. */
  const locker = () =>
    startScript(
      compiled.path,
      `import { lockDataFolder } from './src/persistence/data-folder-lock.js';
       try {
         globalThis.held = lockDataFolder(${JSON.stringify(folder)});
         console.log('locked');
         setInterval(() => globalThis.held, 1_000);
       } catch (error) {
         console.log(error.code + ' ' + error.message);
       }`,
    );

  it('creates the folder for its owner alone', () => {
    const lock = lockDataFolder(join(folder, 'deep'));

    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700);
    lock.release();
  });

  it('describes its owner, until it is released', () => {
    const lock = lockDataFolder(folder);
    expect(JSON.parse(readFileSync(ownerFile(), 'utf8'))).toEqual(ownIdentity());

    lock.release();

    expect(existsSync(ownerFile())).toBe(false);
  });

  it('refuses a second lock of the same process, and gives one after the release', () => {
    const lock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_LOCKED' }));
    expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_LOCKED' }));

    lock.release();
    lock.release();

    const again = lockDataFolder(folder);
    expect(existsSync(ownerFile())).toBe(true);
    again.release();
  });

  it('does not let an old release end a lock that was taken since', () => {
    const first = lockDataFolder(folder);
    first.release();
    const second = lockDataFolder(folder);

    first.release();

    expect(existsSync(ownerFile())).toBe(true);
    expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_LOCKED' }));
    second.release();
  });

  it('refuses a second process in a sentence that names the first', async () => {
    const lock = lockDataFolder(folder);
    const second = locker();

    const line = await second.nextLine();
    await second.ended;

    expect(line).toMatch(/^DATA_FOLDER_LOCKED /);
    expect(line).toContain(`${folder} is in use by process ${process.pid} on `);
    lock.release();
  });

  it('is taken over at once from a process that was killed', async () => {
    const killed = locker();
    expect(await killed.nextLine()).toBe('locked');
    expect(() => lockDataFolder(folder)).toThrow(`process ${killed.pid} on`);

    await killed.kill();
    const lock = lockDataFolder(folder);

    expect(JSON.parse(readFileSync(ownerFile(), 'utf8'))).toEqual(ownIdentity());
    lock.release();
  });

  it('lets exactly one of several win that start at once, after a crash too', async () => {
    const killed = locker();
    await killed.nextLine();
    await killed.kill();

    const starters = [1, 2, 3, 4].map(() => locker());
    const lines = await Promise.all(starters.map((starter) => starter.nextLine()));
    await Promise.all(starters.map((starter) => starter.kill()));

    expect(lines.filter((line) => line === 'locked')).toHaveLength(1);
    expect(lines.filter((line) => line?.startsWith('DATA_FOLDER_LOCKED '))).toHaveLength(3);
  }, 30_000);

  it.each([
    ['a process id that nobody has', { pid: 4_194_303 }],
    ['a process id that another process got since', { startTime: '1' }],
    ['another start of the machine', { bootId: 'another' }],
    ['another host', { host: 'elsewhere' }],
  ])('is not kept by what a crashed owner left: %s', (_what, change) => {
    mkdirSync(folder);
    writeFileSync(ownerFile(), JSON.stringify({ ...ownIdentity(), ...change }));

    const lock = lockDataFolder(folder);

    expect(JSON.parse(readFileSync(ownerFile(), 'utf8'))).toEqual(ownIdentity());
    lock.release();
  });

  it.each([
    ['a predecessor that is certainly dead', JSON.stringify({ ...ownIdentity(), startTime: '1' })],
    ['half a file', '{"pid":'],
  ])('does not blame %s for holding it', (_what, text) => {
    const lock = lockDataFolder(folder);
    writeFileSync(ownerFile(), text);

    expect(() => lockDataFolder(folder)).toThrow('in use by another process that is just starting or stopping');
    lock.release();
  });

  it('says that it is held where its owner has not yet written its name', () => {
    const lock = lockDataFolder(folder);
    rmSync(ownerFile());

    expect(() => lockDataFolder(folder)).toThrow('in use by another process that is just starting or stopping');
    lock.release();
  });

  it('names an owner on another machine, of whom it cannot know', () => {
    const lock = lockDataFolder(folder);
    const owner = { ...ownIdentity(), startTime: '1', bootId: 'another', host: 'elsewhere' };
    writeFileSync(ownerFile(), JSON.stringify(owner));

    expect(() => lockDataFolder(folder)).toThrow(`in use by process ${process.pid} on elsewhere`);
    lock.release();
  });

  it('says of a folder that cannot be made why', () => {
    writeFileSync(folder, 'a file');

    expect(() => lockDataFolder(join(folder, 'data'))).toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_UNUSABLE', message: expect.stringContaining('ENOTDIR') }),
    );
  });

  it('says of a folder in a place that holds none why, at once', () => {
    expect(() => lockDataFolder('/proc/mosaic/data')).toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_UNUSABLE' }),
    );
  });

  it('says of a lock file that cannot be used why', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'coordinator.lock'), 'no lock file of ours, and long enough to be looked at');

    expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_UNUSABLE' }));
  });
});
