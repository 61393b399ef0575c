/** More than this is a slip of the pen, not an estimate. */
const MAX_TOKENS = 1_000_000_000;
/** An amount stands near the start of its line. Bounds the work for one line. */
const MAX_LENGTH = 200;
/** A bare number below this counts something else: days, files, points. */
const MIN_BARE = 100;

/**
 * A number that is no part of a word, a reference, a version or a negative number; a suffix; the unit.
 * Signs may stand before it (`~`, `≈`, `<`).
 */
const AMOUNT =
  /(?<![\p{L}\d.,_#])(?<!(?:^|[^\dkm])[-−])(\d{1,3}(?:[,._'’\s]\d{3})+|\d+(?:[.,]\d+)?)(?![.,]?\d)(?:\s?([km])(?=\s*tokens?(?!\p{L})|[^\p{L}\d]|$))?(?:\s*(tokens?)(?!\p{L})|(?![\p{L}\d%]))/giu;
const RANGE = /^\s*(?:[-–—−]|\.{2,3}|to)\s*$/i;
/** Three digits after each separator, the separators alike. */
const GROUPED = /^\d{1,3}([,._'’\s])\d{3}(?:\1\d{3})*$/;

export interface AmountRule {
  /** Whether a bare number counts; otherwise only one with the word "tokens" or a suffix does. */
  readonly isUnitOptional: boolean;
}

/**
 * Reads an amount of tokens: `46,800`, `46.800`, `46 800`, `46_800`, `46'800` (groups of three), `46800`, `20k`,
 * `46.8k`, `46,8k`, `1.5 M`, each with or without "tokens"; of a range the upper end. Null when there is none to be
 * read: a fraction without a suffix, groups of another length, zero, a negative number, over a thousand million, and
 * a bare number that is below a hundred or counts something else (`3 days`).
 *
 * With a suffix a dot is always decimal (`1.500k` is 1,500), and a comma is unless three digits follow it
 * (`1,500k` is 1,500,000).
 */
export function readTokenAmount(text: string, { isUnitOptional }: AmountRule): number | null {
  const near = text.slice(0, MAX_LENGTH);
  const matches = [...near.matchAll(AMOUNT)];
  const hasUnit = (match: RegExpExecArray): boolean => match[2] !== undefined || match[3] !== undefined;
  const found = matches.findIndex(hasUnit);
  const at = found === -1 && isUnitOptional ? 0 : found;
  const amount = matches[at];
  if (amount === undefined) return null;

  const next = matches[at + 1];
  const between = next === undefined ? '' : near.slice(amount.index + amount[0].length, next.index);
  const chosen = next !== undefined && RANGE.test(between) ? next : amount;
  const tokens = toTokens(String(chosen[1]), chosen[2]);
  if (tokens === null || found !== -1) return tokens;
  const isOfSomethingElse = /^\s*\p{L}/u.test(near.slice(chosen.index + chosen[0].length));
  return isOfSomethingElse || tokens < MIN_BARE ? null : tokens;
}

function toTokens(digits: string, suffix: string | undefined): number | null {
  const value = suffix === undefined ? wholeNumber(digits) : scaledNumber(digits, suffix);
  return value !== null && value >= 1 && value <= MAX_TOKENS ? value : null;
}

function wholeNumber(digits: string): number | null {
  if (/^\d+$/.test(digits) || GROUPED.test(digits)) return Number(digits.replace(/\D/g, ''));
  return null;
}

function scaledNumber(digits: string, suffix: string): number | null {
  const isDecimal = /^\d+(?:\.\d+|,(?!\d{3}$)\d+)$/.test(digits);
  const value = isDecimal ? Number(digits.replace(',', '.')) : wholeNumber(digits);
  // Rounded to the millionth first: 4.07 times 1000 is a little more than 4070 in binary.
  return value === null ? null : Math.ceil(Number((value * (suffix.toLowerCase() === 'k' ? 1e3 : 1e6)).toFixed(6)));
}
