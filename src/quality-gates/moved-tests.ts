import { leftOver } from './left-over.js';

/**
 * Which of the removed tests are really gone. One that was moved to another file or group, or whose name holds a number
 * or a digest that differs from run to run, is there under another name.
 */
export function withoutMoved(removed: readonly string[], added: readonly string[]): readonly string[] {
  return leftOver(removed, added, keyOf);
}

/** A name without the outermost part of it, and without what can differ between two runs. */
function keyOf(name: string): string {
  const parts = name.split(' › ');
  return parts
    .slice(parts.length > 1 ? 1 : 0)
    .join(' › ')
    .replace(/\b[0-9a-f]{8,}\b|\d+/gi, '#');
}
