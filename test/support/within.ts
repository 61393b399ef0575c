import { SystemClock } from '../../src/kernel/index.js';

/** Longer than anything takes on a busy machine; what is waited for by then will not come. */
const DEADLINE_MS = 40_000;

/**
 * What is waited for, or an error that says what did not come.
 *
 * @param evidence what to show besides, such as the end of a log
 */
export async function within<T>(
  awaited: Promise<T>,
  what: string,
  evidence: () => string = () => '',
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const came = new AbortController();
  const late = new SystemClock().sleep(deadlineMs, came.signal).then(() => {
    if (came.signal.aborted) return awaited;
    throw new Error(`${what} did not come within ${deadlineMs} ms\n${evidence()}`);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    came.abort();
  }
}
