import type { GiteaHook } from '../gitea/index.js';

/**
 * What a hook is asked to tell of. The first two stand for everything about issues and pull requests. Pushes are
 * nothing to the coordinator; but a hook that does not hear of them is sent no test, and nobody is told, in all versions
 * up to 1.26 at least (services/webhook/webhook.go `PrepareWebhook`).
 */
export const HOOK_EVENTS = ['issues', 'pull_request', 'push'] as const;

/** What a hook must hear of, each as Gitea lists it. */
const NEEDED: readonly (readonly string[])[] = [
  ['issues'],
  ['issue_assign'],
  ['issue_label'],
  ['issue_comment'],
  ['pull_request'],
  ['pull_request_comment'],
  // One switch, which Gitea up to 1.22 and Forgejo list as the types it stands for.
  ['pull_request_review', 'pull_request_review_approved'],
];

/** What is to be done so that one hook goes to the address, and is as it should be. */
export interface HookPlan {
  /** The hook that stays; null where one is to be made. */
  readonly kept: GiteaHook | null;
  /** Hooks of the same address, to be deleted once there is a better one. */
  readonly obsolete: readonly GiteaHook[];
  /** Why a hook of the address does not suffice; null where there is none, or it does. */
  readonly because: string | null;
}

/**
 * Decides about the hooks of one address. Hooks are never edited: Gitea resets what an edit leaves out and never changes
 * the secret. Of several the newest stays: it is what a rotation that was interrupted had made.
 *
 * @param outdated ids of hooks whose secret is to be replaced
 */
export function planHook(hooks: readonly GiteaHook[], url: string, outdated: ReadonlySet<number>): HookPlan {
  const ours = hooks.filter((hook) => isSameAddress(hook.url, url)).toSorted((a, b) => b.id - a.id);
  const kept = ours.find((hook) => shortcoming(hook) === null && !outdated.has(hook.id)) ?? null;
  const obsolete = ours.filter((hook) => hook !== kept);
  const [newest] = obsolete;
  const because = kept === null && newest ? (shortcoming(newest) ?? 'its secret is to be replaced') : null;
  return { kept, obsolete, because };
}

/** What is wrong with a hook, as part of a sentence; null where nothing is. */
export function shortcoming({ isActive, contentType, events }: GiteaHook): string | null {
  if (!isActive) return 'it is not active';
  const missing = NEEDED.filter((names) => !names.some((name) => events.includes(name)));
  if (missing.length > 0) return `it does not hear of ${missing.map(([name]) => name).join(', ')}`;
  return contentType === 'json' ? null : `it sends ${contentType} instead of json`;
}

/** Whether two addresses are one, but for a slash at the end. */
export function isSameAddress(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(address: string): string {
  return (URL.canParse(address) ? new URL(address).href : address).replace(/\/+$/, '');
}
