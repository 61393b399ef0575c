import type { DynamicModule } from '@nestjs/common';

import { AgentRegistry } from './agents/index.js';
import { APP_CONFIG, type AppConfig } from './config/index.js';
import { CLOCK, EVENT_BUS, type Clock, type EventBus } from './kernel/index.js';
import type { LeadChanged } from './orchestration/index.js';
import { DATABASE, SqlRetention } from './persistence/index.js';
import { FolderDependencyCache } from './quality-gates/index.js';
import { RetentionModule, StatfsFreeSpace, type FolderStore } from './retention/index.js';
import { GitWorkspaces } from './workspaces/index.js';

/** The part of the composition root that says what is kept, and where. */
export const RETENTION_MODULE: DynamicModule = RetentionModule.forRootAsync({
  // The open database proves that the data folder is this process's.
  inject: [APP_CONFIG, SqlRetention, GitWorkspaces, FolderDependencyCache, AgentRegistry, CLOCK, EVENT_BUS, DATABASE],
  useFactory: (
    { retention, dataFolder }: AppConfig,
    records: SqlRetention,
    workspaces: GitWorkspaces,
    dependencies: FolderDependencyCache,
    { profiles }: AgentRegistry,
    clock: Clock,
    bus: EventBus,
  ) => ({
    ...retention,
    jobs: records,
    records,
    leads: leadTold(bus),
    folders: [workspaces.kept, dependencyFolders(dependencies)],
    disk: new StatfsFreeSpace(dataFolder),
    ballastFolder: dataFolder,
    profiles: profiles.map(({ name }) => name),
    clock,
  }),
});

/** Knows by what is announced whether this process leads those that share the records. */
function leadTold(bus: EventBus): () => Promise<boolean> {
  let isLeading = false;
  bus.subscribe<LeadChanged>('orchestration.lead-changed', ({ leads }) => {
    isLeading = leads;
  });
  return () => Promise.resolve(isLeading);
}

/** Losing them costs time alone: none is ever in use. */
function dependencyFolders(cache: FolderDependencyCache): FolderStore {
  return {
    list: async () =>
      (await cache.entries()).map(({ key, ...entry }) => ({
        ...entry,
        id: key,
        kind: 'dependencies',
        isInUse: false,
      })),
    drop: async ({ id }) => {
      await cache.drop(id);
      return true;
    },
  };
}
