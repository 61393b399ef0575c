import { type GiteaHook, type Repository, isMissing } from '../gitea/index.js';
import type { Clock } from '../kernel/index.js';
import { explainRefusal } from './explain-refusal.js';
import { bad, good, unknown, type Finding } from './finding.js';
import { deliveryCounts, type RunningService } from './running-service.js';
import { repositoryName, type SetupGitea } from './setup.types.js';

/**
 * What became of a test that Gitea was asked to send. *refused*: its secret is none of the service's. *untested*: none
 * could be sent, or nobody could have seen it come.
 */
export type Arrival =
  { readonly kind: 'arrived' | 'refused' | 'absent' } | { readonly kind: 'untested'; readonly finding: Finding };

/** Gitea gives a receiver five seconds, and may have others to serve first. */
const LOOKS = 20;
const BETWEEN_LOOKS_MS = 500;
/** What the service says of a push that is signed as it should be: it is of no interest. */
const TAKEN = 'ignored';

/**
 * Has Gitea send a test, a push that changes nothing, and looks whether it came. Gitea's API does not tell what became of
 * a delivery, so that the service's own count is what there is to look at.
 */
export async function testArrival(
  { hooks, variable }: SetupGitea,
  ref: Repository,
  hook: GiteaHook,
  service: RunningService,
  clock: Clock,
): Promise<Arrival> {
  const name = repositoryName(ref);
  const before = await deliveryCounts(service).catch(() => null);
  if (before === null) {
    return untested(`Whether deliveries of ${name} arrive cannot be seen while the service does not answer`, null);
  }
  if (!hook.events.includes('push')) {
    const remedy = 'Add pushes to its events, or have it made by mosaic-coordinator init';
    return untested(`The webhook of ${name} hears of no pushes, so that Gitea sends it no test`, remedy);
  }
  try {
    await hooks.testHook(ref, hook.id);
  } catch (error) {
    const isEmpty = isMissing(error);
    if (isEmpty) return untested(`Gitea sends no test while ${name} is empty`, 'Push a first commit');
    return { kind: 'untested', finding: explainRefusal(`Gitea sends the webhook of ${name} no test`, error, variable) };
  }
  for (let look = 0; look < LOOKS; look += 1) {
    const now = await deliveryCounts(service).catch(() => before);
    const hasGrown = (outcome: string): boolean => (now.get(outcome) ?? 0) > (before.get(outcome) ?? 0);
    if (hasGrown(TAKEN)) return { kind: 'arrived' };
    if (hasGrown('refused')) return { kind: 'refused' };
    await clock.sleep(BETWEEN_LOOKS_MS);
  }
  return { kind: 'absent' };
}

/** What it means for whoever sets the coordinator up. */
export function arrivalFinding(name: string, arrival: Arrival): Finding {
  switch (arrival.kind) {
    case 'untested':
      return arrival.finding;
    case 'arrived':
      return good(`A test of the webhook of ${name} arrived`);
    case 'refused':
      return bad(
        `A test of the webhook of ${name} arrived, signed with another secret than GITEA_WEBHOOK_SECRET holds`,
        'Replace it: put a new secret before the others in GITEA_WEBHOOK_SECRET, restart the service, and run mosaic-coordinator init with --rotate-secret',
      );
    case 'absent':
      return bad(
        `A test of the webhook of ${name} did not arrive within ${(LOOKS * BETWEEN_LOOKS_MS) / 1_000} s`,
        NOT_ALLOWED,
      );
  }
}

const NOT_ALLOWED = [
  'Most often Gitea may not send to this address: its app.ini needs ALLOWED_HOST_LIST = private (loopback for the same',
  'machine) in [webhook], from 1.27 on in [security], in a container GITEA__webhook__ALLOWED_HOST_LIST, and a restart.',
  'Otherwise its name or port cannot be reached from Gitea. The page of the webhook in Gitea shows the reason under',
  'Recent Deliveries',
].join(' ');

function untested(what: string, remedy: string | null): Arrival {
  return { kind: 'untested', finding: unknown(what, remedy) };
}
