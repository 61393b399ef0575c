import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { Convergence } from './convergence.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaAccessClient } from './gitea-access-client.js';
import { GiteaFilesClient } from './gitea-files-client.js';
import { GiteaHistory } from './gitea-history.js';
import { GiteaHooksClient } from './gitea-hooks-client.js';
import { GiteaHttp } from './gitea-http.js';
import { GiteaIssueLinks } from './gitea-issue-links.js';
import { GiteaIssueTracker } from './gitea-issue-tracker.js';
import { GiteaOwnComments } from './gitea-own-comments.js';
import { GiteaPeopleClient } from './gitea-people-client.js';
import { GiteaPermissions } from './gitea-permissions.js';
import { GiteaPullRequests } from './gitea-pull-requests.js';
import { GiteaPullsClient } from './gitea-pulls-client.js';
import { GiteaStarts } from './gitea-starts.js';
import { GiteaIssuesClient } from './gitea-issues-client.js';
import { GiteaLabels } from './gitea-labels.js';
import { GiteaLinksClient } from './gitea-links-client.js';
import { GiteaSubIssues } from './gitea-sub-issues.js';
import { GITEA_OPTIONS, resolveGiteaOptions, type GiteaModuleOptions } from './gitea.options.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<GiteaModuleOptions>({
  moduleName: 'Gitea',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Speaks to one Gitea or Forgejo. Needs no other module of this package.
 *
 * Global by default, so that the app calls `forRoot` once: what runs one after the other does so within one module.
 */
@Module({
  providers: [
    { provide: GITEA_OPTIONS, useFactory: resolveGiteaOptions, inject: [MODULE_OPTIONS_TOKEN] },
    GiteaHttp,
    Convergence,
    GiteaClient,
    GiteaHistory,
    GiteaOwnComments,
    GiteaIssueTracker,
    GiteaPeopleClient,
    GiteaPermissions,
    GiteaStarts,
    GiteaPullsClient,
    GiteaPullRequests,
    GiteaLabels,
    GiteaIssuesClient,
    GiteaSubIssues,
    GiteaLinksClient,
    GiteaIssueLinks,
    GiteaHooksClient,
    GiteaFilesClient,
    GiteaAccessClient,
  ],
  exports: [
    Convergence,
    GiteaClient,
    GiteaIssueTracker,
    GiteaIssueLinks,
    GiteaSubIssues,
    GiteaPullRequests,
    GiteaPermissions,
    GiteaStarts,
    GiteaAccessClient,
    GiteaFilesClient,
    GiteaHooksClient,
  ],
})
export class GiteaModule extends ConfigurableModuleClass {}
