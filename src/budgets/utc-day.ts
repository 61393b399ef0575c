const DAY_MS = 86_400_000;

/** The day of a moment by UTC, such as `2026-03-31`. Days sort as their texts do. */
export function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The moment when the next day by UTC begins, in milliseconds since 1970. UTC has no days of another length. */
export function nextUtcMidnight(at: number): number {
  return (Math.floor(at / DAY_MS) + 1) * DAY_MS;
}
