/** A text without a mark that it must not hold, however often it is nested in itself. Takes out, puts nothing in. */
export function withoutMark(text: string, mark: string): string {
  let left = text;
  while (left.includes(mark)) left = left.replaceAll(mark, '');
  return left;
}
