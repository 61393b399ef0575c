import { Inject, Injectable, Logger } from '@nestjs/common';

import { messageOf, repositoryKey, type IssueRef } from '../../kernel/index.js';
import { CONFIGURATION_PATH, parseRepositoryConfiguration, type BlockerEnd } from '../../quality-gates/index.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';

/** What a repository's file says of its issues. */
export interface IssueSettings {
  readonly blockers: BlockerEnd;
  readonly decompose: boolean;
}

/** How long what was read holds. */
const HOLDS_FOR_MS = 60_000;

/** Where nobody can say what holds: nothing starts too early, and nothing is made that was not asked for. */
const CAUTIOUS: IssueSettings = { blockers: 'merged', decompose: false };

/**
 * What a repository says of its issues, in the file that also holds its gates, on its default branch. A file that is
 * wrong or cannot be read counts as the most cautious one.
 */
@Injectable()
export class RepositorySettings {
  private readonly logger = new Logger(RepositorySettings.name);
  private readonly known = new Map<string, { readonly settings: IssueSettings; readonly until: number }>();

  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  async of(repository: Pick<IssueRef, 'owner' | 'repo'>): Promise<IssueSettings> {
    const key = repositoryKey(repository);
    const now = this.options.clock.monotonic();
    const known = this.known.get(key);
    if (known && known.until > now) return known.settings;
    const settings = await this.read(repository);
    this.known.set(key, { settings, until: now + HOLDS_FOR_MS });
    return settings;
  }

  private async read(repository: Pick<IssueRef, 'owner' | 'repo'>): Promise<IssueSettings> {
    const { files, blockersFinished } = this.options;
    try {
      const text = await files.fileText(repository, CONFIGURATION_PATH);
      if (text === null) return { blockers: blockersFinished, decompose: false };
      // The time limit only fills in gates, which are not looked at here.
      const { blockers, decompose } = parseRepositoryConfiguration(text, CONFIGURATION_PATH, 1_000);
      return { blockers: blockers ?? blockersFinished, decompose };
    } catch (error) {
      this.logger.warn('Repository settings not read', {
        repository: `${repository.owner}/${repository.repo}`,
        reason: messageOf(error),
      });
      return CAUTIOUS;
    }
  }
}
