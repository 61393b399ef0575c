/**
 * The lines of an output that the base commit's output does not have, or has less often. Numbers do not count: a line
 * that only moved, or took longer, is an old one. Null where this output is too long to be compared.
 */
export function newLinesIn(head: readonly string[] | null, base: readonly string[]): readonly string[] | null {
  if (head === null) return null;
  const left = new Map<string, number>();
  for (const line of base) left.set(keyOf(line), (left.get(keyOf(line)) ?? 0) + 1);
  return head.filter((line) => {
    const times = left.get(keyOf(line)) ?? 0;
    if (times > 0) left.set(keyOf(line), times - 1);
    return times === 0;
  });
}

function keyOf(line: string): string {
  return line.replace(/\d+/g, '#');
}
