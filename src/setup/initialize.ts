import type { HookPlace } from '../gitea/index.js';
import { checkAccount, checkVersion } from './check-gitea.js';
import { checkRepository } from './check-repository.js';
import { ensureHook } from './ensure-hook.js';
import { ensureLabels, type WantedLabel } from './ensure-labels.js';
import { ensureProposal } from './ensure-proposal.js';
import { bad, unknown, type Finding, type Report } from './finding.js';
import type { InitArguments } from './read-arguments.js';
import type { SetupGitea } from './setup.types.js';

/** What is to be set up. */
export interface Initialization extends InitArguments {
  readonly giteaUrl: string;
  readonly botName: string;
  /** Those of the service; the first is the one of a hook that is made. */
  readonly secrets: readonly string[];
  readonly labels: readonly WantedLabel[];
}

/**
 * Sets Gitea up for the coordinator: looks at address, token and permissions, then makes what is missing. Safe to
 * repeat: what is there is left, and nothing is doubled.
 *
 * @param bot Gitea with the token of the bot
 * @param administrator Gitea with the token that webhooks are made with; the bot's where there is no other
 * @returns whether nothing is left to be done by a person
 */
export async function initialize(
  bot: SetupGitea,
  administrator: SetupGitea,
  wanted: Initialization,
  report: Report,
): Promise<boolean> {
  const outcomes: Finding[] = [];
  const tell = (finding: Finding): boolean => {
    outcomes.push(finding);
    report(finding);
    return finding.outcome !== 'bad';
  };
  const answers = tell(await checkVersion(bot, wanted.giteaUrl)) && tell(await checkAccount(bot, wanted.botName));
  if (!answers) return false;
  const { place, isDryRun } = wanted;
  if (place.kind === 'repository') for (const finding of await checkRepository(bot, place.repository)) tell(finding);
  tell(await hookStep(administrator, wanted));
  if (place.kind !== 'repository') {
    tell(unknown(`Labels are made in each repository when they are first needed${proposalHint(place)}`));
  } else {
    tell(await ensureLabels(bot, place.repository, wanted.labels, isDryRun));
    tell(await ensureProposal(bot, place.repository, isDryRun));
  }
  return outcomes.every(({ outcome }) => outcome !== 'bad');
}

async function hookStep(gitea: SetupGitea, wanted: Initialization): Promise<Finding> {
  const { place, url, isRotating, isDryRun, secrets } = wanted;
  const [secret = ''] = secrets;
  if (isRotating && secrets.length < 2) {
    return bad(
      'GITEA_WEBHOOK_SECRET holds one secret, so that deliveries would be refused while it is replaced',
      'Put a new one before it, separated by a comma, restart the service, and run this again; then take the old one away',
    );
  }
  return ensureHook(gitea, { place, url, secret, isRotating, isDryRun });
}

function proposalHint(place: HookPlace): string {
  const what = place.kind === 'organization' ? 'one of its repositories' : 'a repository';
  return `; run this with --repo for ${what} to have a .mosaic/coordinator.yml proposed`;
}
