import { createHash } from 'node:crypto';
import { messageOf } from '../kernel/index.js';
import type { CachedDependencies, DependencyCache } from './dependency-cache.port.js';
import { folderOfHome } from './folder-of-home.js';
import type { GateDefinition, GateResult, GateSubject, Verdict } from './quality-gates.types.js';
import { removeFolder } from './remove-folder.js';

/** A setup that says what of it is kept. */
type CachedSetup = GateDefinition & { readonly cache: CachedDependencies };

/** What the runs of a repository's gates have in common. */
export interface SetupSurroundings {
  readonly repository: string;
  readonly tools: Verdict['tools'];
  readonly readBaseFile: GateSubject['readBaseFile'];
}

/**
 * Gives the setups of one run what earlier ones downloaded. What a run of a base commit downloads is kept, since no agent
 * has a part in it. The setup runs all the same: it decides what of the downloads is used.
 */
export class SetupDependencies {
  /**
   * @param isOfBase whether it is the base commit that is set up
   * @param warn told of what went wrong beside the verdict
   */
  constructor(
    private readonly cache: DependencyCache,
    private readonly surroundings: SetupSurroundings,
    private readonly isOfBase: boolean,
    private readonly warn: (sentence: string) => void,
  ) {}

  /** Runs a setup. One that fails with what was kept is run again without, for what was kept may be spoiled. */
  async around(definition: GateDefinition, home: string, run: () => Promise<GateResult>): Promise<GateResult> {
    if (!isCached(definition)) return run();
    const key = await this.key(definition);
    if (key === null) return run();
    const { paths } = definition.cache;
    const isRestored = await this.attempt(() => this.cache.restore(key, home, paths));
    let result = await run();
    if (isRestored === true && !result.passed && result.fault === 'change') {
      for (const path of paths) await this.attempt(async () => removeFolder(await folderOfHome(home, path)));
      result = await run();
      if (result.passed) await this.attempt(() => this.cache.drop(key));
    }
    if (result.passed && this.isOfBase) await this.attempt(() => this.cache.keep(key, home, paths));
    return result;
  }

  /** Null where the base commit has none of the files that it is kept by. */
  private async key({ name, argv, directory, cache }: CachedSetup): Promise<string | null> {
    const { repository, tools, readBaseFile } = this.surroundings;
    const files = [];
    for (const path of cache.key) files.push([path, await readBaseFile(path)]);
    if (files.every(([, text]) => text === null)) return null;
    const parts = [repository.toLowerCase(), name, argv, directory, cache.paths, tools ?? {}, files];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  }

  private async attempt<T>(step: () => Promise<T>): Promise<T | null> {
    try {
      return await step();
    } catch (error) {
      this.warn(`The kept dependencies could not be used: ${messageOf(error)}`);
      return null;
    }
  }
}

function isCached(definition: GateDefinition): definition is CachedSetup {
  return definition.kind === 'setup' && definition.cache !== undefined;
}
