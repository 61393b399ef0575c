import { readGiteaVersion, type GiteaHook, type HookPlace } from '../gitea/index.js';
import type { Clock } from '../kernel/index.js';
import { checkAccount, checkVersion } from './check-gitea.js';
import { WEBHOOK_PATH } from './check-hook.js';
import { checkRepository } from './check-repository.js';
import { ensureHook, placeName } from './ensure-hook.js';
import { ensureLabels, type WantedLabel } from './ensure-labels.js';
import { ensureProposal } from './ensure-proposal.js';
import { bad, unknown, type Finding, type Report } from './finding.js';
import type { InitArguments } from './read-arguments.js';
import type { RunningService } from './running-service.js';
import type { SetupGitea } from './setup.types.js';
import { arrivalFinding, testArrival, type Arrival } from './arrival.js';

/** What is to be set up. */
export interface Initialization extends InitArguments {
  readonly giteaUrl: string;
  readonly botName: string;
  /** Those of the service; the first is the one of a hook that is made. */
  readonly secrets: readonly string[];
  readonly labels: readonly WantedLabel[];
  readonly service: RunningService;
  readonly clock: Clock;
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
  if (place.kind === 'repository') {
    const findings = await checkRepository(bot, place.repository);
    for (const finding of findings) tell(finding);
    // What the bot does not see it cannot work on: a webhook of it would be of no use.
    if (findings.length === 1) return false;
  }
  if (!wanted.url.includes(WEBHOOK_PATH)) tell(unknown(`--url does not end in ${WEBHOOK_PATH}`, OTHER_PATH));
  for (const finding of await hookStep(administrator, wanted)) tell(finding);
  if (place.kind === 'system') for (const finding of await templateHint(bot)) tell(finding);
  if (place.kind !== 'repository') {
    tell(unknown(`Labels are made in each repository when they are first needed${proposalHint(place)}`));
  } else {
    tell(await ensureLabels(bot, place.repository, wanted.labels, isDryRun));
    tell(await ensureProposal(bot, place.repository, isDryRun));
  }
  return outcomes.every(({ outcome }) => outcome !== 'bad');
}

async function hookStep(gitea: SetupGitea, wanted: Initialization): Promise<readonly Finding[]> {
  const { place, url, isRotating, isDryRun, secrets, service, clock } = wanted;
  const [secret = ''] = secrets;
  if (isRotating && secrets.length < 2) return [ONE_SECRET];
  const arrivalOf = (hook: GiteaHook): Promise<Arrival> =>
    place.kind === 'repository'
      ? testArrival(gitea, place.repository, hook, service, clock)
      : Promise.resolve({
          kind: 'untested',
          finding: unknown('Gitea sends a test of such a webhook from its pages alone'),
        });
  const isTaken = async (made: GiteaHook): Promise<boolean> => (await arrivalOf(made)).kind !== 'refused';
  const { finding, hook } = await ensureHook(gitea, { place, url, secret, isRotating, isDryRun, isTaken });
  return hook === null ? [finding] : [finding, arrivalFinding(placeName(place), await arrivalOf(hook))];
}

const OTHER_PATH = 'Add that, unless a proxy in between does';

const ONE_SECRET = bad(
  'GITEA_WEBHOOK_SECRET holds one secret, so that deliveries would be refused while it is replaced',
  'Put a new one before it, separated by a comma, restart the service, and run this again; then take the old one away',
);

/** Up to 1.23 the API makes templates for new repositories, and lists those that hear of all (#33180). */
async function templateHint({ client }: SetupGitea): Promise<readonly Finding[]> {
  const version = readGiteaVersion(await client.version());
  if (version === null || version.gitea.major > 1 || version.gitea.minor > 23) return [];
  return [
    unknown(
      `${version.product} of this version may have made a template for new repositories of it`,
      'Look whether it stands among the system webhooks in the site administration, and make it there if not',
    ),
  ];
}

function proposalHint(place: HookPlace): string {
  const what = place.kind === 'organization' ? 'one of its repositories' : 'a repository';
  return `; run this with --repo for ${what} to have a .mosaic/coordinator.yml proposed`;
}
