/** Those of a list that have no match of their own in another list: each entry there matches once, by its key. */
export function leftOver(
  entries: readonly string[],
  matches: readonly string[],
  keyOf: (entry: string) => string,
): readonly string[] {
  const left = new Map<string, number>();
  for (const match of matches) left.set(keyOf(match), (left.get(keyOf(match)) ?? 0) + 1);
  return entries.filter((entry) => {
    const times = left.get(keyOf(entry)) ?? 0;
    if (times > 0) left.set(keyOf(entry), times - 1);
    return times === 0;
  });
}
