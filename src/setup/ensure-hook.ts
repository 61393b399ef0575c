import type { GiteaHook, HookPlace } from '../gitea/index.js';
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
}

/**
 * One hook of the place goes to the address, with all that is needed. The old one is deleted only when the new one is
 * there, so that no event is lost; what both send in between comes twice, and means nothing more than once.
 */
export async function ensureHook(gitea: SetupGitea, wanted: WantedHook): Promise<Finding> {
  const where = placeName(wanted.place);
  try {
    return await replaceHooks(gitea, wanted, where);
  } catch (error) {
    return explainRefusal(`The webhook of ${where} cannot be set up`, error, gitea.variable);
  }
}

async function replaceHooks(gitea: SetupGitea, wanted: WantedHook, where: string): Promise<Finding> {
  const { hooks, convergence } = gitea;
  const { place, url, secret, isRotating, isDryRun } = wanted;
  const before = (await hooks.hooks(place)).filter((hook) => isSameAddress(hook.url, url));
  const outdated = new Set(isRotating ? before.map(({ id }) => id) : []);
  const { kept, obsolete, because } = planHook(before, url, outdated);
  if (kept !== null && obsolete.length === 0) return good(`The webhook of ${where} goes to ${url}`);
  if (isDryRun) return step(true, '', plannedSentence(where, url, kept, obsolete));

  const made = await convergence.reach(`hooks of ${where}`, async () => {
    const now = planHook(await hooks.hooks(place), url, outdated);
    if (now.kept !== null) return now.kept;
    await hooks.createHook(place, { url, secret, events: HOOK_EVENTS });
    return planHook(await hooks.hooks(place), url, outdated).kept;
  });
  if (made === null) return notListed(where);
  await convergence.reach(`hooks of ${where}`, async () => {
    for (const { id } of planHook(await hooks.hooks(place), url, outdated).obsolete) await hooks.deleteHook(place, id);
  });
  const reason = because === null ? '' : `, for ${because}`;
  if (kept !== null) return step(false, `Of ${before.length} webhooks of ${where} to ${url} one is left`, '');
  const done = before.length === 0 ? 'was made' : `was replaced${reason}`;
  return step(false, `The webhook of ${where} to ${url} ${done}`, '');
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
