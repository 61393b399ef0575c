import { failingLines } from './failing-lines.js';
import { shortened } from './plain-text.js';
import type { GateResult } from './quality-gates.types.js';

/** With more failing tests than this, each is told by its name and one line. */
const FEW = 10;
const FEW_LINES = 6;

/**
 * What failed in a gate: the failing tests by name where they are known, each with the first lines of what it told; else
 * the lines that the base commit's output does not have, where it fails as well; else those of the output that say so. Each once, in their order.
 *
 * @param limit the most lines that are returned
 * @param lineLength the most characters of each
 */
export function failureLines(
  { failures = [], evidence, testsFailed, newLines }: GateResult,
  limit = 40,
  lineLength = 240,
): readonly string[] {
  if (newLines) return newLines.slice(0, limit).map((line) => shortened(line, lineLength));
  if (failures.length === 0) return failingLines(evidence, limit, lineLength);
  const told = failures.length <= FEW ? FEW_LINES : 1;
  const lines: string[] = [];
  let named = 0;
  for (const { name, message } of failures) {
    const messageLines = message === '' ? [] : message.split('\n').slice(0, told);
    // The last line is kept for how many are not told.
    if (lines.length > 0 && lines.length + 1 + messageLines.length >= limit) break;
    lines.push(`✖ ${name}`, ...messageLines.map((line) => `    ${line.trim()}`));
    named += 1;
  }
  const rest = Math.max(failures.length, testsFailed ?? 0) - named;
  const shown = lines.slice(0, limit - 1).map((line) => shortened(line, lineLength));
  // Of a test whose parts failed too, only the parts are named.
  return failures.length > named ? [...shown, `… and ${rest} more failing tests`] : shown;
}
