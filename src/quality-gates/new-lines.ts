import { leftOver } from './left-over.js';

/**
 * The lines of an output that the base commit's output does not have, or has less often. Numbers do not count: a line
 * that only moved, or took longer, is an old one. Null where this output is too long to be compared.
 */
export function newLinesIn(head: readonly string[] | null, base: readonly string[]): readonly string[] | null {
  return head === null ? null : leftOver(head, base, keyOf);
}

function keyOf(line: string): string {
  return line.replace(/\d+/g, '#');
}
