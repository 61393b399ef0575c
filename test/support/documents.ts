import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The folder of the repository, absolute. */
export const REPOSITORY = join(import.meta.dirname, '..', '..');

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git', 'data']);

/** A file of the repository as text. */
export function readDocument(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

/** Paths of the files under a folder of the repository that end so, relative to the repository and sorted. */
export function filesUnder(folder: string, ending: string): readonly string[] {
  const found: string[] = [];
  const open = [join(REPOSITORY, folder)];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (entry.isDirectory() && !NOT_OURS.has(entry.name)) open.push(path);
      if (entry.isFile() && entry.name.endsWith(ending)) found.push(relative(REPOSITORY, path));
    }
  }
  return found.sort();
}

/** The sources of the program, without its specs. */
export function sources(): readonly string[] {
  return filesUnder('src', '.ts').filter((path) => !path.endsWith('.spec.ts'));
}

/** Every file of Markdown in the repository. */
export function documents(): readonly string[] {
  return filesUnder('.', '.md');
}

/** The rows of all tables of a document whose first column has this heading, each as its cells, without backticks. */
export function tableRows(document: string, heading: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let isInside = false;
  for (const line of document.split('\n')) {
    const cells = /^\|.*\|$/.test(line) ? line.slice(1, -1).split('|').map(plainCell) : [];
    if (cells.length === 0) isInside = false;
    else if (cells[0] === heading) isInside = true;
    else if (isInside && !/^-+:?$/.test(cells[0] ?? '')) rows.push(cells);
  }
  return rows;
}

/** The first column of such tables. */
export function firstColumn(document: string, heading: string): string[] {
  return tableRows(document, heading).map(([first = '']) => first);
}

/** What the first group of a pattern matched, wherever it did. */
export function captures(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, captured = '']) => captured);
}

/** The fenced blocks of a document in one language. */
export function codeBlocks(document: string, language: string): readonly string[] {
  return captures(document, new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'));
}

function plainCell(cell: string): string {
  const text = cell.trim();
  return /^`[^`]*`$/.test(text) ? text.slice(1, -1) : text;
}
