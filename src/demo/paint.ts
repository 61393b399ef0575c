/** Colours for a terminal, or none. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  name(text: string): string;
}

/** @param isColoured false where the output is no terminal, or NO_COLOR is set (no-color.org) */
export function paintFor(isColoured: boolean): Paint {
  const wrap =
    (code: number) =>
    (text: string): string =>
      isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: wrap(1), dim: wrap(2), good: wrap(32), bad: wrap(31), name: wrap(36) };
}
