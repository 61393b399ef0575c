/**
 * Which event each event type is. `X-Gitea-Event-Type` says the first, `X-Gitea-Event` the second
 * (modules/webhook/type.go `Event()`).
 */
const EVENTS: Readonly<Record<string, string>> = {
  issues: 'issues',
  issue_assign: 'issues',
  issue_label: 'issues',
  issue_comment: 'issue_comment',
  pull_request: 'pull_request',
  pull_request_assign: 'pull_request',
  pull_request_label: 'pull_request',
  pull_request_comment: 'issue_comment',
  pull_request_sync: 'pull_request',
  pull_request_review_approved: 'pull_request_approved',
  pull_request_review_rejected: 'pull_request_rejected',
  pull_request_review_comment: 'pull_request_comment',
  push: 'push',
  status: 'status',
};

/** All of these are the one `pull_request_review` of a hook (models/webhook/webhook.go `HasEvent`). */
const REVIEWS = [
  'pull_request_review_approved',
  'pull_request_review_rejected',
  'pull_request_review_comment',
] as const;

/**
 * What a name in a hook's `events` switches on. `issues` means everything about issues, `issues_only` only the
 * type of that name. Unknown names are taken without a word and switch on nothing
 * (routers/api/v1/utils/hook.go `updateHookEvents`).
 */
const SWITCHES: Readonly<Record<string, readonly string[]>> = {
  issues: ['issues', 'issue_assign', 'issue_label', 'issue_milestone', 'issue_comment'],
  issues_only: ['issues'],
  pull_request: [
    'pull_request',
    'pull_request_assign',
    'pull_request_label',
    'pull_request_milestone',
    'pull_request_comment',
    ...REVIEWS,
    'pull_request_sync',
    'pull_request_review_request',
  ],
  pull_request_only: ['pull_request'],
  pull_request_review: REVIEWS,
};

/** The event of an event type. */
export function eventOfType(eventType: string): string {
  return EVENTS[eventType] ?? eventType;
}

/** Every event type that a hook with these `events` hears of. None at all means pushes only. */
export function switchedOn(events: readonly string[]): string[] {
  const names = events.length > 0 ? events : ['push'];
  return [...new Set(names.flatMap((name) => SWITCHES[name] ?? (name in EVENTS ? [name] : [])))];
}

/** Whether a hook with these `events` hears of this event type. */
export function wantsEvent(events: readonly string[], eventType: string): boolean {
  return switchedOn(events).includes(eventType);
}
