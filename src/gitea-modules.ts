import type { DynamicModule } from '@nestjs/common';

import { APP_CONFIG, type AppConfig } from './config/index.js';
import { EntitlementModule } from './entitlement/index.js';
import { GiteaModule, GiteaPermissions } from './gitea/index.js';
import { CLOCK, RANDOMNESS, type Clock, type Randomness } from './kernel/index.js';
import { WorkspacesModule } from './workspaces/index.js';

/** The part of the composition root that has to do with Gitea: its REST interface, its people and its repositories. */
export const GITEA_MODULES: readonly DynamicModule[] = [
  GiteaModule.forRootAsync({
    inject: [APP_CONFIG, CLOCK, RANDOMNESS],
    useFactory: ({ gitea, scrubber }: AppConfig, clock: Clock, randomness: Randomness) => ({
      baseUrl: gitea.url,
      token: gitea.token,
      botName: gitea.botName,
      labelScope: gitea.labelScope,
      scrub: scrubber.scrub,
      clock,
      randomness,
    }),
  }),
  EntitlementModule.forRootAsync({
    inject: [APP_CONFIG, GiteaPermissions, CLOCK],
    useFactory: ({ gitea, people }: AppConfig, permissions: GiteaPermissions, clock: Clock) => ({
      botName: gitea.botName,
      allowedUserIds: people.allowed,
      blockedUserIds: people.blocked,
      permissions,
      clock,
    }),
  }),
  WorkspacesModule.forRootAsync({
    inject: [APP_CONFIG],
    useFactory: ({ workspaces, gitea, inherited, scrubber }: AppConfig) => ({
      root: workspaces.folder,
      isShared: workspaces.isShared,
      giteaUrl: gitea.url,
      token: gitea.token,
      botName: gitea.botName,
      environment: inherited,
      scrubber,
    }),
  }),
];
