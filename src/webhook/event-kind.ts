import type { IncomingHttpHeaders } from 'node:http';

/**
 * The kinds of events that can change what should be done about an issue, with their actions. Gitea
 * modules/webhook/type.go; the kinds are the values of X-Gitea-Event-Type.
 */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  issues: ['opened', 'edited', 'closed', 'reopened', 'deleted'],
  issue_assign: ['assigned', 'unassigned'],
  issue_label: ['label_updated', 'label_cleared'],
  issue_comment: ['created', 'edited', 'deleted'],
};

/** Where there is no Event-Type (Gogs, Gitea before 1.16), the event `issues` is all of these. */
const KINDS_OF_ISSUES = ['issues', 'issue_assign', 'issue_label'] as const;

const TYPE_HEADERS = [
  'x-gitea-event-type',
  'x-forgejo-event-type',
  'x-gogs-event-type',
  'x-github-event-type',
] as const;
const EVENT_HEADERS = ['x-gitea-event', 'x-forgejo-event', 'x-gogs-event', 'x-github-event'] as const;

/** What a delivery is about, as far as its headers and its action tell. */
export type EventKind =
  | { readonly interest: 'none'; readonly kind: string }
  | { readonly interest: 'issue'; readonly kind: string }
  | { readonly interest: 'unknown' };

/**
 * Decides whether a delivery is about an issue in a way that matters.
 *
 * Goes by X-Gitea-Event-Type where present: the event `issue_comment` also carries comments on pull requests, and
 * `pull_request_comment` means a comment as a type and a review as an event. An action that is no text is of interest,
 * so that it is refused instead of lost. `unknown` where no header names an event.
 */
export function eventKind(headers: IncomingHttpHeaders, action: unknown): EventKind {
  const type = firstOf(headers, TYPE_HEADERS);
  if (type !== undefined) return kindAmong([type], type, action);
  const event = firstOf(headers, EVENT_HEADERS);
  if (event === undefined) return { interest: 'unknown' };
  return kindAmong(event === 'issues' ? KINDS_OF_ISSUES : [event], event, action);
}

function kindAmong(kinds: readonly string[], named: string, action: unknown): EventKind {
  const known = kinds.filter((kind) => Object.hasOwn(ACTIONS, kind));
  const kind = typeof action === 'string' ? known.find((candidate) => ACTIONS[candidate]?.includes(action)) : known[0];
  return kind === undefined ? { interest: 'none', kind: named } : { interest: 'issue', kind };
}

function firstOf(headers: IncomingHttpHeaders, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}
