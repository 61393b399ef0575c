import { plainText, shortened } from './plain-text.js';

/** What names a failure in the output of test runners, compilers and linters. */
const SIGNS: readonly RegExp[] = [
  /^\s*(?:✖|✗|✘|×|✕|❌|●)\s+\S/,
  /^\s*not ok \d+/,
  /^\s*(?:FAIL|FAILED|ERROR|FAILURE)\b/,
  /^\s*--- FAIL: /,
  /^test .{1,300} \.\.\. FAILED$/,
  /^E {3}\s*\S/,
  /^\s*\d+\) \S/,
  /\berror(?:\[\w+\]|\s+TS\d+)?: /i,
  /\b[A-Z]\w*(?:Error|Exception)\b(?:\s*\[\w+\])?:/,
  /^\s*(?:Expected|Received|expected|actual|left|right):? /,
  /^.{0,200}\bpanicked at /,
  /^\s*\S{1,300}\.\w{1,8}:\d+(?::\d+)?: \S/,
  /^\s*\d+:\d+\s+(?:error|warning)\s/,
  /: command not found$|: not found$|No such file or directory/,
];
/** A program's own call stack, and the lines of a TAP plan: they fill the space and say nothing new. */
const NOISE = /^\s*(?:at .{0,300}\(?(?:node:|internal\/|file:\/\/\/?.*node_modules)|(?:✖|✗) failing tests:$|ℹ )/;

const MAX_FINDINGS = 20_000;

/**
 * What an output tells of failures, whole: the lines that name one, else all of them. Null where there are too many.
 * Two outputs are compared by these.
 */
export function findingLines(output: string): readonly string[] | null {
  const lines = linesOf(output);
  const named = lines.filter(isSign);
  const told = named.length > 0 ? named : lines;
  return told.length > MAX_FINDINGS ? null : told.map((line) => shortened(line.trim(), 500));
}

function linesOf(output: string): readonly string[] {
  return plainText(output)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '');
}

function isSign(line: string): boolean {
  return !NOISE.test(line) && SIGNS.some((sign) => sign.test(line.slice(0, 2000)));
}

/**
 * The lines of an output that say what failed: names of failing tests and messages of errors, each once, in their order.
 * Where none is recognised, the last lines.
 *
 * @param limit the most lines that are returned
 * @param lineLength the most characters of each
 */
export function failingLines(output: string, limit = 40, lineLength = 240): readonly string[] {
  const lines = linesOf(output);
  const named = lines.filter(isSign);
  const chosen = named.length > 0 ? named : lines.slice(-Math.min(limit, 15));
  const seen = new Set<string>();
  const unique = chosen.filter((line) => {
    // Durations differ between the two times that a runner names a test.
    const key = line.trim().replace(/\s*\(\d+(?:\.\d+)? ?m?s\)$/, '');
    return !seen.has(key) && seen.add(key);
  });
  const shown = unique.slice(0, limit).map((line) => shortened(line, lineLength));
  return unique.length > limit ? [...shown, `… and ${unique.length - limit} more such lines`] : shown;
}
