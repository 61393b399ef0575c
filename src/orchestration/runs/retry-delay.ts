const FIRST_MS = 15_000;
const LONGEST_MS = 30 * 60_000;

/**
 * How long a failed job waits: 15 s after the first failure, twice as long after each further one, at most half an
 * hour, and up to a quarter longer by chance, so that jobs that failed together do not come back together.
 *
 * @param failures how often it failed, from 1
 * @param fraction chance, from 0 to 1
 */
export function retryDelayMs(failures: number, fraction: number): number {
  const delay = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(delay * (1 + fraction / 4));
}
