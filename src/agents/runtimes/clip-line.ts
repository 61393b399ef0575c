const LONGEST = 120;

/** A text as one line for people, cut where it is long. */
export function clipLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
