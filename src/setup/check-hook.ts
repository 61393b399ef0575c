import type { GiteaHook, HookPlace, Repository } from '../gitea/index.js';
import { GiteaRequestError } from '../gitea/index.js';
import type { Clock } from '../kernel/index.js';
import { explainRefusal } from './explain-refusal.js';
import { bad, good, unknown, type Finding } from './finding.js';
import { isSameAddress, shortcoming } from './plan-hook.js';
import { deliveryCounts, type RunningService } from './running-service.js';
import { repositoryName, type SetupGitea } from './setup.types.js';

/** Where the service takes deliveries, behind whatever address it has for Gitea. */
export const WEBHOOK_PATH = '/webhook/gitea';

/** Gitea gives a receiver five seconds, and may have others to serve first. */
const LOOKS = 20;
const BETWEEN_LOOKS_MS = 500;

/** The hooks of a repository that go to the coordinator: to the address, or where none is given to its usual path. */
export async function findHooks(
  { hooks }: SetupGitea,
  ref: Repository,
  url: string | null,
): Promise<readonly GiteaHook[]> {
  const place: HookPlace = { kind: 'repository', repository: ref };
  const isMeant = (hook: GiteaHook): boolean =>
    url === null ? pathOf(hook.url).endsWith(WEBHOOK_PATH) : isSameAddress(hook.url, url);
  return (await hooks.hooks(place)).filter(isMeant);
}

/** Whether one hook of the repository goes to the coordinator as it should, and whether what it sends arrives. */
export async function checkHook(
  gitea: SetupGitea,
  ref: Repository,
  url: string | null,
  service: RunningService,
  clock: Clock,
): Promise<readonly Finding[]> {
  const name = repositoryName(ref);
  const init = `mosaic-coordinator init --repo ${name} --url ${url ?? `<address>${WEBHOOK_PATH}`}`;
  let found: readonly GiteaHook[];
  try {
    found = await findHooks(gitea, ref, url);
  } catch (error) {
    const { what } = explainRefusal(`The webhooks of ${name} cannot be seen`, error, gitea.variable);
    return [
      unknown(what, 'Only an administrator of the repository sees them: set GITEA_SETUP_TOKEN to a token of one'),
    ];
  }
  const [hook, ...more] = found;
  if (hook === undefined) {
    const hint = 'unless one of its organization or of the site does';
    return [bad(`No webhook of ${name} goes to the coordinator, ${hint}`, `Make one: ${init}`)];
  }
  const twins = more.length === 0 ? [] : [bad(`${found.length} webhooks of ${name} send each event`, `Run ${init}`)];
  const lacks = shortcoming(hook);
  if (lacks !== null) return [...twins, bad(`The webhook of ${name} does not do: ${lacks}`, `Run ${init}`)];
  return [
    ...twins,
    good(`The webhook of ${name} goes to ${hook.url}`),
    await checkArrival(gitea, ref, hook, service, clock),
  ];
}

/**
 * Has Gitea send a test, a push that changes nothing, and looks whether it came: Gitea does not tell by its API what
 * became of a delivery, so that the service's own count is what there is to look at.
 */
async function checkArrival(
  { hooks, variable }: SetupGitea,
  ref: Repository,
  hook: GiteaHook,
  service: RunningService,
  clock: Clock,
): Promise<Finding> {
  const name = repositoryName(ref);
  let before: ReadonlyMap<string, number>;
  try {
    before = await deliveryCounts(service);
  } catch {
    return unknown(`Whether deliveries of ${name} arrive cannot be seen while the service does not answer`);
  }
  if (!hook.events.includes('push')) {
    const remedy = 'Add pushes to its events, or have it made by mosaic-coordinator init';
    return unknown(`The webhook of ${name} hears of no pushes, so that Gitea sends it no test`, remedy);
  }
  try {
    await hooks.testHook(ref, hook.id);
  } catch (error) {
    if (error instanceof GiteaRequestError && error.status === 404) {
      return unknown(`Gitea sends no test while ${name} is empty`, 'Push a first commit');
    }
    return explainRefusal(`Gitea sends the webhook of ${name} no test`, error, variable);
  }
  for (let look = 0; look < LOOKS; look += 1) {
    const now = await deliveryCounts(service);
    const grown = [...now.keys()].filter((outcome) => (now.get(outcome) ?? 0) > (before.get(outcome) ?? 0));
    if (grown.some((outcome) => outcome !== 'refused')) return good(`A test of the webhook of ${name} arrived`);
    if (grown.length > 0) return refused(name);
    await clock.sleep(BETWEEN_LOOKS_MS);
  }
  return bad(`A test of the webhook of ${name} did not arrive within ${(LOOKS * BETWEEN_LOOKS_MS) / 1_000} s`, ABSENT);
}

function refused(name: string): Finding {
  return bad(
    `A test of the webhook of ${name} arrived with another secret than GITEA_WEBHOOK_SECRET holds`,
    `Replace it: put a new secret before the old one in GITEA_WEBHOOK_SECRET, restart the service, and run mosaic-coordinator init with --rotate-secret`,
  );
}

const ABSENT = [
  'Most often Gitea may not send to this address: its app.ini needs [webhook] ALLOWED_HOST_LIST = private (loopback on the',
  'same machine; in [security] from 1.27 on; GITEA__webhook__ALLOWED_HOST_LIST in a container) and a restart.',
  "Else the name or port of the address is not reachable from Gitea: the webhook's page shows under Recent Deliveries what happened",
].join(' ');

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : '';
}
