import type { GiteaHook, HookPlace, Repository } from '../gitea/index.js';
import type { Clock } from '../kernel/index.js';
import { explainRefusal } from './explain-refusal.js';
import { bad, good, unknown, type Finding } from './finding.js';
import { isSameAddress, shortcoming } from './plan-hook.js';
import { deliveryCounts, type RunningService } from './running-service.js';
import { repositoryName, type SetupGitea } from './setup.types.js';
import { arrivalFinding, testArrival } from './arrival.js';

/** Where the service takes deliveries, behind whatever address it has for Gitea. */
export const WEBHOOK_PATH = '/webhook/gitea';

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
    found = await findHooks(gitea, { kind: 'repository', repository: ref }, url);
  } catch (error) {
    const { what } = explainRefusal(`The webhooks of ${name} cannot be seen`, error, gitea.variable);
    return [
      unknown(what, 'Only an administrator of the repository sees them: set GITEA_SETUP_TOKEN to a token of one'),
    ];
  }
  const [hook, ...more] = found;
  if (hook === undefined) return [await withoutHook(gitea, ref, init, service)];
  const twins = more.length === 0 ? [] : [bad(`${found.length} webhooks of ${name} send each event`, `Run ${init}`)];
  const lacks = shortcoming(hook);
  if (lacks !== null) return [...twins, bad(`The webhook of ${name} does not do: ${lacks}`, `Run ${init}`)];
  return [
    ...twins,
    good(`The webhook of ${name} goes to ${hook.url}`),
    arrivalFinding(name, await testArrival(gitea, ref, hook, service, clock)),
  ];
}

/** Its organization or the site may have a hook for it. The site's are seen by its administrators alone. */
async function withoutHook(
  gitea: SetupGitea,
  ref: Repository,
  init: string,
  service: RunningService,
): Promise<Finding> {
  const name = repositoryName(ref);
  const [ofOwner] = await findHooks(gitea, { kind: 'organization', name: ref.owner }, null).catch(() => []);
  const [ofSite] = ofOwner ? [] : await findHooks(gitea, { kind: 'system' }, null).catch(() => []);
  const hook = ofOwner ?? ofSite;
  if (hook) {
    const lacks = shortcoming(hook);
    const place = ofOwner ? `the organization ${ref.owner}` : 'the whole site';
    if (lacks !== null) return bad(`The webhook of ${place} does not do: ${lacks}`, 'Have it made again by init');
    return good(`The webhook of ${place} goes to ${hook.url}; Gitea sends a test of those from its pages alone`);
  }
  const counts = await deliveryCounts(service).catch((): ReadonlyMap<string, number> => new Map());
  const arrived = [...counts].filter(([outcome, count]) => outcome !== 'refused' && count > 0);
  return arrived.length > 0
    ? unknown(`No webhook of ${name} itself goes to the coordinator, yet deliveries arrive: perhaps by one of the site`)
    : bad(`No webhook of ${name} goes to the coordinator`, `Make one: ${init}`);
}

/** The hooks of a place that go to the coordinator: to the address, or where none is given to its usual path. */
async function findHooks({ hooks }: SetupGitea, place: HookPlace, url: string | null): Promise<readonly GiteaHook[]> {
  const isMeant = (hook: GiteaHook): boolean =>
    url === null ? pathOf(hook.url).endsWith(WEBHOOK_PATH) : isSameAddress(hook.url, url);
  return (await hooks.hooks(place)).filter(isMeant);
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : '';
}
