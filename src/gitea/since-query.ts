/**
 * What asks Gitea for what was written or changed from a moment on, in milliseconds since 1970; nothing for null. It
 * compares whole seconds (models/issues/comment.go `FindCommentsOptions`).
 */
export function sinceQuery(since: number | null): Readonly<Record<string, string>> {
  return since === null ? {} : { since: new Date(since).toISOString() };
}
