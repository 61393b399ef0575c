const MICRO_USD = 1_000_000;

/** Microdollars of an amount in dollars. */
export function toMicroUsd(usd: number): number {
  return Math.round(usd * MICRO_USD);
}

/** Dollars of an amount in microdollars. For showing: sums are made of microdollars. */
export function toUsd(microUsd: number): number {
  return microUsd / MICRO_USD;
}

/** An amount as people read it, rounded up: `$1,204.50`, and below a cent `$0.0042`. */
export function formatUsd(microUsd: number): string {
  const digits = microUsd > 0 && microUsd < MICRO_USD / 100 ? 4 : 2;
  const unit = MICRO_USD / 10 ** digits;
  const rounded = (Math.ceil(microUsd / unit) * unit) / MICRO_USD;
  return `$${FORMATS[digits].format(rounded)}`;
}

/** By digits after the point. To make one takes a thousand times as long as to use it. */
const FORMATS = { 2: formatOf(2), 4: formatOf(4) };

function formatOf(digits: number): Intl.NumberFormat {
  return new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
