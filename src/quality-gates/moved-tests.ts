/**
 * Which of the removed tests are really gone. One that was moved to another file or group, or whose name holds a number
 * or a digest that differs from run to run, is there under another name.
 */
export function withoutMoved(removed: readonly string[], added: readonly string[]): readonly string[] {
  const there = new Map<string, number>();
  for (const name of added) there.set(keyOf(name), (there.get(keyOf(name)) ?? 0) + 1);
  return removed.filter((name) => {
    const left = there.get(keyOf(name)) ?? 0;
    if (left > 0) there.set(keyOf(name), left - 1);
    return left === 0;
  });
}

/** A name without the outermost part of it, and without what can differ between two runs. */
function keyOf(name: string): string {
  const parts = name.split(' › ');
  return parts
    .slice(parts.length > 1 ? 1 : 0)
    .join(' › ')
    .replace(/\b[0-9a-f]{8,}\b|\d+/gi, '#');
}
