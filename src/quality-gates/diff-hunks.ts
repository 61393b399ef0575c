/** Lines that a change adds to a file, or writes anew. */
export interface DiffHunk {
  /** Relative to the top of the repository. */
  readonly path: string;
  /** The first of them, counted from 1 in the new file. */
  readonly start: number;
  readonly count: number;
  /** What they hold, one for each. */
  readonly lines: readonly string[];
}

/**
 * Reads which lines a unified diff adds, as `git diff` writes it with any number of lines of context. Names that git
 * puts in quotes are read; a file that is deleted, binary or only renamed has no hunk.
 */
export function readDiffHunks(diff: string): readonly DiffHunk[] {
  const hunks: DiffHunk[] = [];
  let path: string | null = null;
  // Inside a hunk a line such as `+++ b/x` is text, which only its length can tell.
  let [old, fresh, at] = [0, 0, 0];
  let run: { readonly start: number; readonly lines: string[] } | null = null;
  const settle = (): void => {
    if (run && path !== null) hunks.push({ path, start: run.start, count: run.lines.length, lines: run.lines });
    run = null;
  };
  for (const line of diff.split('\n')) {
    if (old > 0 || fresh > 0) {
      const sign = line.charAt(0);
      if (sign === '\\') continue;
      if (sign === '+') {
        run ??= { start: at, lines: [] };
        run.lines.push(line.slice(1));
      } else {
        settle();
      }
      if (sign !== '-') {
        fresh -= 1;
        at += 1;
      }
      if (sign !== '+') old -= 1;
      if (old <= 0 && fresh <= 0) settle();
      continue;
    }
    const range = /^@@ -\d{1,9}(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/.exec(line);
    if (range) [old, at, fresh] = [Number(range[1] ?? 1), Number(range[2]), Number(range[3] ?? 1)];
    else if (line.startsWith('+++ ')) path = newPath(line.slice(4).replace(/\t$/, ''));
    else if (line.startsWith('diff --git ')) path = null;
  }
  settle();
  return hunks;
}

function newPath(written: string): string | null {
  const path = written.startsWith('"') ? unquoted(written) : written;
  return path === '/dev/null' ? null : path.replace(/^b\//, '');
}

const ESCAPED: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** C-style quotes around a name with unusual characters, each a byte of it. Source: git's quote.c, quote_c_style. */
function unquoted(written: string): string {
  const bytes: number[] = [];
  for (const [, octal, letter, plain] of written.slice(1, -1).matchAll(/\\([0-3][0-7]{2})|\\([^])|([^\\]+)/g)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (letter !== undefined) bytes.push(ESCAPED[letter] ?? letter.charCodeAt(0));
    else for (const byte of Buffer.from(plain ?? '')) bytes.push(byte);
  }
  return Buffer.from(bytes).toString('utf8');
}
