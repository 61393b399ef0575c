const LEVELS: Readonly<Record<string, number>> = {
  critical: 400,
  urgent: 400,
  high: 300,
  medium: 200,
  normal: 200,
  low: 100,
};
const UNLABELLED = 200;
const LABEL = /^priority\/(.+)$/i;

/**
 * A job's priority from its issue's labels: `priority/critical`, `urgent`, `high`, `medium`, `normal`, `low`, or a
 * number from 0 to 1000. The highest label counts; without one it is that of `priority/medium`.
 */
export function priorityOf(labels: readonly string[]): number {
  const priorities = labels.flatMap((label) => {
    const level = LABEL.exec(label.trim())?.[1]?.toLowerCase();
    if (level === undefined) return [];
    if (/^\d{1,4}$/.test(level)) return [Math.min(1_000, Number(level))];
    return LEVELS[level] ?? [];
  });
  return priorities.length === 0 ? UNLABELLED : Math.max(...priorities);
}
