import { loadavg } from 'node:os';

export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? NaN;
}

export function median(values) {
  return quantile(values, 0.5);
}

/** Such as `1,234 (1,100 to 1,300)`: the median and the spread. */
export function spread(values, digits = 0) {
  const [lowest, middle, highest] = [0, 0.5, 1].map((share) => grouped(quantile(values, share), digits));
  return `${middle} (${lowest} to ${highest})`;
}

export function grouped(value, digits = 0) {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The machine's load now: what else it does is part of every figure. */
export function load() {
  return loadavg()
    .map((one) => one.toFixed(1))
    .join(', ');
}

/** A table of Markdown, as it stands in docs/benchmarks.md. */
export function table(head, rows) {
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at].length)));
  const line = (cells) => `| ${cells.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
