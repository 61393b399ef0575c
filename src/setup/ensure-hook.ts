import { GiteaAuthError, type GiteaHook, type HookPlace } from '../gitea/index.js';
import { explainRefusal } from './explain-refusal.js';
import { bad, good, step, type Finding } from './finding.js';
import { HOOK_EVENTS, isSameAddress, planHook } from './plan-hook.js';
import { repositoryName, type SetupGitea } from './setup.types.js';

/** Which hook there is to be. */
export interface WantedHook {
  readonly place: HookPlace;
  /** Where it sends deliveries. */
  readonly url: string;
  /** Signs deliveries, once there is a hook to be made. */
  readonly secret: string;
  /** Replaces a hook that is as it should be, for its secret. */
  readonly isRotating: boolean;
  readonly isDryRun: boolean;
  /** Whether a hook that was just made sends what the service takes; asked before another is deleted for its secret. */
  readonly isTaken: (made: GiteaHook) => Promise<boolean>;
}

/** What came of it, and the hook that is there now; null where none could be had. */
export interface EnsuredHook {
  readonly finding: Finding;
  readonly hook: GiteaHook | null;
}

/**
 * One hook of the place goes to the address, with all that is needed. The old one is deleted only when the new one is
 * there, so that no event is lost; what both send in between comes twice, and means nothing more than once.
 */
export async function ensureHook(gitea: SetupGitea, wanted: WantedHook): Promise<EnsuredHook> {
  const where = placeName(wanted.place);
  try {
    return await replaceHooks(gitea, wanted, where);
  } catch (error) {
    const finding = explainRefusal(`The webhook of ${where} cannot be set up`, error, gitea.variable);
    const mayNot = error instanceof GiteaAuthError && error.status === 403 && gitea.variable === 'GITEA_TOKEN';
    return without(mayNot ? { ...finding, remedy: NEEDS_ADMINISTRATOR } : finding);
  }
}

/** The bot need not be one: its permission to write is enough for everything else. */
const NEEDS_ADMINISTRATOR =
  'Set GITEA_SETUP_TOKEN to a token of somebody who administers it: only init and doctor use it';

async function replaceHooks(gitea: SetupGitea, wanted: WantedHook, where: string): Promise<EnsuredHook> {
  const { hooks, convergence } = gitea;
  const { place, url, secret, isRotating, isDryRun } = wanted;
  const before = (await hooks.hooks(place)).filter((hook) => isSameAddress(hook.url, url));
  const outdated = new Set(isRotating ? before.map(({ id }) => id) : []);
  const { kept, obsolete, because } = planHook(before, url, outdated);
  if (kept !== null && obsolete.length === 0)
    return { finding: good(`The webhook of ${where} goes to ${kept.url}`), hook: kept };
  if (isDryRun) return without(step(true, '', plannedSentence(where, url, kept, obsolete)));

  const made = await convergence.reach(`hooks of ${where}`, async () => {
    const now = planHook(await hooks.hooks(place), url, outdated);
    if (now.kept !== null) return now.kept;
    await hooks.createHook(place, { url, secret, events: HOOK_EVENTS });
    return planHook(await hooks.hooks(place), url, outdated).kept;
  });
  if (made === null) return without(notListed(where));
  if (isRotating && !(await wanted.isTaken(made))) {
    await hooks.deleteHook(place, made.id);
    return without(
      bad(
        `The service does not take the new secret yet: the webhook of ${where} keeps its old one`,
        'Restart the service with both in GITEA_WEBHOOK_SECRET, and run this again',
      ),
    );
  }
  await convergence.reach(`hooks of ${where}`, async () => {
    for (const { id } of planHook(await hooks.hooks(place), url, outdated).obsolete) await hooks.deleteHook(place, id);
  });
  return { finding: step(false, doneSentence(where, url, before.length, kept, because), ''), hook: made };
}

function doneSentence(
  where: string,
  url: string,
  before: number,
  kept: GiteaHook | null,
  because: string | null,
): string {
  if (kept !== null) return `Of ${before} webhooks of ${where} to ${url} one is left`;
  const reason = because === null ? '' : `, for ${because}`;
  return `The webhook of ${where} to ${url} ${before === 0 ? 'was made' : 'was replaced'}${reason}`;
}

/** Nothing that could be tested: it failed, or the run is dry. */
function without(finding: Finding): EnsuredHook {
  return { finding, hook: null };
}

function plannedSentence(where: string, url: string, kept: GiteaHook | null, obsolete: readonly GiteaHook[]): string {
  if (kept !== null) return `Of ${obsolete.length + 1} webhooks of ${where} to ${url} one would be left`;
  return `A webhook of ${where} to ${url} would be ${obsolete.length > 0 ? 'replaced' : 'made'}`;
}

function notListed(where: string): Finding {
  return bad(
    `Gitea made a webhook of ${where} and does not list it`,
    'Make it in the site administration, under Webhooks, System webhooks',
  );
}

/** The place as part of a sentence. */
export function placeName(place: HookPlace): string {
  switch (place.kind) {
    case 'repository':
      return repositoryName(place.repository);
    case 'organization':
      return `the organization ${place.name}`;
    case 'system':
      return 'the whole site';
  }
}
