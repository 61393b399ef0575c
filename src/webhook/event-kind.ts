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

/** The same about pull requests. A review is `reviewed`, whatever it says, and an answer to one is a comment. */
const PULL_REQUEST_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  pull_request: ['closed', 'reopened', 'deleted'],
  pull_request_review_approved: ['reviewed'],
  pull_request_review_rejected: ['reviewed'],
  pull_request_review_comment: ['reviewed'],
  pull_request_comment: ['created'],
};

const ALL_ACTIONS = { ...ACTIONS, ...PULL_REQUEST_ACTIONS };

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
  | { readonly interest: 'issue' | 'pull_request'; readonly kind: string }
  | { readonly interest: 'unknown' };

/**
 * Decides whether a delivery is about an issue, or a pull request, in a way that matters.
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
  const known = kinds.filter((kind) => Object.hasOwn(ALL_ACTIONS, kind));
  const kind =
    typeof action === 'string' ? known.find((candidate) => ALL_ACTIONS[candidate]?.includes(action)) : known[0];
  if (kind === undefined) return { interest: 'none', kind: named };
  return { interest: isPullRequestKind(kind) ? 'pull_request' : 'issue', kind };
}

/** What of a delivery is what it is about: a comment on a pull request shows that as an issue, whose number it shares. */
export function subjectOf(kind: string): 'issue' | 'pull_request' {
  return isPullRequestKind(kind) && kind !== 'pull_request_comment' ? 'pull_request' : 'issue';
}

/** Whether a delivery of this kind is about a pull request, whose number then stands where an issue's does. */
export function isPullRequestKind(kind: string): boolean {
  return Object.hasOwn(PULL_REQUEST_ACTIONS, kind);
}

function firstOf(headers: IncomingHttpHeaders, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}
