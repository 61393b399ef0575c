import { lstat, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MAX_FILE_BYTES, holdFile } from './checkout-file.js';
import { gateFileKind, isMakefile, isTestFile } from './gate-files.js';
import { objectOf, parsedObject } from './parsed-object.js';
import { holdProgramLinks } from './program-links.js';
import type { GateDefinition, GateSubject } from './quality-gates.types.js';
import { readPlainFile } from './report-file.js';

/** How much of a commit's tests and gate files is kept in memory while its gates run. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** Settings that programs look for in a home, relative to it. */
const HOME_SETTINGS: readonly string[] = [
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.bunfig.toml',
  '.config/pnpm/rc',
  '.node_modules',
  '.node_libraries',
  '.gitconfig',
  '.config/git/config',
  '.bashrc',
  '.profile',
  '.pip/pip.conf',
  '.config/pip/pip.conf',
  '.pydistutils.cfg',
  '.config/go/env',
  '.cargo/config',
  '.cargo/config.toml',
  '.mavenrc',
  '.m2/settings.xml',
  '.m2/extensions.xml',
  '.gradle/init.gradle',
  '.gradle/gradle.properties',
  '.gradle/init.d',
  '.nuget/NuGet/NuGet.Config',
];
/** Programs that no installed package may stand in for: `npm run` looks for programs in node_modules/.bin first. */
const NOT_TO_SHADOW: readonly string[] = [
  'node',
  'nodejs',
  'npm',
  'npx',
  'sh',
  'bash',
  'env',
  'git',
  'make',
  'python3',
  'go',
];

interface Kept {
  readonly text: string;
  stamp: string;
}

/**
 * Keeps the tests of a commit and the files that define its gates as they are, while its gates run: what is built is the
 * agent's code, and could rewrite what judges it next. What setup makes is let be; it is a command of the base commit.
 */
export class GuardedFiles {
  private readonly kept = new Map<string, Kept>();
  /** What setup left of settings at the top and in the home. Null while it still runs. */
  private settings: ReadonlySet<string> | null = null;

  private constructor(
    private readonly checkout: string,
    private readonly home: string,
    /** Where gates run, relative to the checkout; empty for the checkout itself. */
    private readonly folders: readonly string[],
    /** The packages that the base commit names: their programs are theirs. */
    private readonly packages: readonly string[],
  ) {}

  /** @param checkout its real path, with the base commit's gate files in it */
  static async of(
    checkout: string,
    home: string,
    definitions: readonly Pick<GateDefinition, 'directory'>[],
    { listBaseFiles, changedFiles = [], readBaseFile }: GateSubject,
  ): Promise<GuardedFiles> {
    const folders = [...new Set(['', ...definitions.map(({ directory }) => directory ?? '')])];
    const manifest = parsedObject((await readBaseFile('package.json')) ?? '');
    const packages = { ...objectOf(manifest['dependencies']), ...objectOf(manifest['devDependencies']) };
    const guarded = new GuardedFiles(checkout, home, folders, Object.keys(packages));
    const listed = [...((await listBaseFiles?.()) ?? []), ...changedFiles.map(({ path }) => path)];
    await guarded.keep(new Set([...(await guarded.settingsInCheckout()), ...listed.filter(isGuarded)]));
    return guarded;
  }

  /** To be called when the last setup gate has run. */
  async setUp(): Promise<void> {
    await this.restore();
    this.settings = new Set([...(await this.settingsInCheckout()), ...(await this.settingsInHome())]);
  }

  /** To be called before each gate. Puts back what was changed since, and removes settings that were added. */
  async restore(): Promise<void> {
    for (const [path, kept] of this.kept) {
      if ((await stampOf(join(this.checkout, path))) === kept.stamp) continue;
      await holdFile(this.checkout, path, kept.text);
      kept.stamp = await stampOf(join(this.checkout, path));
    }
    for (const folder of this.folders) await this.holdPrograms(join(this.checkout, folder, 'node_modules'));
    if (this.settings === null) return;
    for (const path of await this.settingsInCheckout()) {
      if (!this.settings.has(path) && !this.kept.has(path) && !this.isBuilt(path))
        await holdFile(this.checkout, path, null);
    }
    for (const path of await this.settingsInHome()) {
      if (!this.settings.has(path)) await rm(path, { recursive: true, force: true });
    }
  }

  /** A makefile that a build wrote, where the commit has none that it could stand in for. */
  private isBuilt(path: string): boolean {
    const folder = dirname(path);
    return isMakefile(path) && ![...this.kept.keys()].some((kept) => isMakefile(kept) && dirname(kept) === folder);
  }

  private async keep(paths: ReadonlySet<string>): Promise<void> {
    let left = MAX_KEPT_BYTES;
    for (const path of paths) {
      const stamp = await stampOf(join(this.checkout, path));
      const file = await readPlainFile(this.checkout, path, Math.min(left, MAX_FILE_BYTES));
      if ('problem' in file || file.text.includes('\uFFFD')) continue;
      left -= file.text.length;
      this.kept.set(path, { text: file.text, stamp });
    }
  }

  /** Gate files at the top and where gates run, relative to the checkout. */
  private async settingsInCheckout(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const folder of this.folders) {
      const names = await readdir(join(this.checkout, folder)).catch((): string[] => []);
      const paths = names.map((name) => (folder === '' ? name : `${folder}/${name}`));
      found.push(...paths.filter((path) => !['folder', null].includes(gateFileKind(path))));
    }
    return found;
  }

  private async settingsInHome(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const name of HOME_SETTINGS) {
      const path = join(this.home, name);
      if ((await stampOf(path)) !== NOTHING) found.push(path);
    }
    return found;
  }

  /** Where node_modules is a link, what is behind it is nothing of the checkout's. */
  private async holdPrograms(modules: string): Promise<void> {
    const programs = join(modules, '.bin');
    for (const folder of [modules, programs]) {
      const isFolder = await lstat(folder).then(
        (stats) => stats.isDirectory(),
        () => false,
      );
      if (!isFolder) return;
    }
    for (const name of NOT_TO_SHADOW) {
      if (!this.packages.includes(name)) await rm(join(programs, name), { recursive: true, force: true });
    }
    await holdProgramLinks(modules, this.packages);
  }
}

function isGuarded(path: string): boolean {
  if (path.split('/').some((folder) => folder === 'node_modules' || folder === '.venv')) return false;
  return gateFileKind(path) !== null || isTestFile(path);
}

const NOTHING = 'nothing';

/** Differs once a file was written to, replaced or removed: no program can choose the time of a change of its inode. */
async function stampOf(path: string): Promise<string> {
  return lstat(path, { bigint: true }).then(
    ({ ino, mode, size, mtimeNs, ctimeNs }) => [ino, mode, size, mtimeNs, ctimeNs].join(' '),
    () => NOTHING,
  );
}
