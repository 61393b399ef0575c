import type { AgentProfile } from './agents/index.js';
import { isUnbounded, unboundedSentence } from './budgets/index.js';
import type { AppConfig } from './config/index.js';
import type { SandboxState } from './sandbox/index.js';

/** What the service cannot do as it is configured, in sentences: told at start and in the readiness details. */
export function limitationsOf(
  { gitea, http, budgets, people }: AppConfig,
  { warning }: SandboxState,
  profiles: readonly AgentProfile[],
): readonly string[] {
  const limitations: string[] = warning === null ? [] : [warning];
  if (gitea.token === null) {
    limitations.push(
      'Without GITEA_TOKEN issues are believed as webhooks show them, and a lost webhook is not found.',
      people.allowed.length + people.blocked.length === 0
        ? 'Without GITEA_TOKEN nobody can be asked who may start work: everybody whom a webhook names may.'
        : 'Without GITEA_TOKEN nobody may start work: ALLOWED_USER_IDS and BLOCKED_USER_IDS go by ids that only Gitea tells.',
      'Without GITEA_TOKEN finished work stays on a branch of the local mirror: no push, pull request, comment, label or commit status.',
      'Without GITEA_TOKEN only public repositories can be cloned.',
    );
  }
  if (http.apiToken === null) limitations.push('Without API_TOKEN the API under /api is closed.');
  const { run: perRun, issue: perIssue, day: perDay } = budgets;
  for (const profile of profiles) {
    if (profile.unusableBecause !== null || !isUnbounded(profile, { perRun, perIssue, perDay })) continue;
    limitations.push(`Profile ${profile.name} is not used. ${unboundedSentence(profile.name)}`);
  }
  return limitations;
}
