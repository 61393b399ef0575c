import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';

import { AgentRegistry } from './agents/index.js';
import { APP_CONFIG, type AppConfig } from './config/index.js';
import { differencesOfVersion, GiteaClient, readGiteaVersion, supportOf } from './gitea/index.js';
import { isSameLogin, messageOf } from './kernel/index.js';
import { limitationsOf } from './limitations.js';
import { SANDBOX_STATE, type SandboxState } from './sandbox/index.js';

/** Tells at start what the service works with and what it cannot do. Holds nothing up: Gitea may be away. */
@Injectable()
export class StartupReport implements OnApplicationBootstrap {
  private readonly logger = new Logger('Startup');

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(AgentRegistry) private readonly registry: AgentRegistry,
    @Inject(GiteaClient) private readonly gitea: GiteaClient,
    @Inject(SANDBOX_STATE) private readonly sandbox: SandboxState,
  ) {}

  onApplicationBootstrap(): void {
    for (const profile of this.registry.profiles) {
      const { name, runtime, model, unusableBecause } = profile;
      this.logger.log('Agent profile', { name, runtime, model, unusableBecause });
    }
    const { isConfining, version, warning } = this.sandbox;
    this.logger.log('Sandbox checked', { isConfining, version, warning });
    for (const limitation of limitationsOf(this.config, this.sandbox, this.registry.profiles))
      this.logger.warn(limitation);
    if (this.config.gitea.token !== null) void this.reportGitea();
  }

  private async reportGitea(): Promise<void> {
    const { url, botName } = this.config.gitea;
    try {
      const [version, { login }] = await Promise.all([this.gitea.version(), this.gitea.whoAmI()]);
      this.reportVersion(url, version, login);
      if (isSameLogin(login, botName)) return;
      this.logger.error('The token belongs to another account than GITEA_BOT_NAME names', { login, botName });
    } catch (error) {
      this.logger.error('Gitea does not answer as it should', { url, reason: messageOf(error) });
    }
  }

  /** Which Gitea it is, and what it does otherwise than the newest. */
  private reportVersion(url: string, version: string, login: string): void {
    const read = readGiteaVersion(version);
    const differences = read === null ? [] : differencesOfVersion(read);
    this.logger.log('Gitea answers', { url, version, login, differences });
    if (read === null || supportOf(read) === 'newer') {
      this.logger.warn('This version of Gitea is not known', { version });
    } else if (supportOf(read) === 'too-old') {
      this.logger.error('This version of Gitea is too old', { version });
    }
  }
}
