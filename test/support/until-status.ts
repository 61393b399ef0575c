import { within } from './within.js';

/** The status of a GET; null when no connection is taken. */
export async function statusOf(url: string): Promise<number | null> {
  const answer = await fetch(url).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status ?? null;
}

/** Resolves when a GET gets this status; null: when no connection is taken any more. Asks again and again. */
export function untilStatus(url: string, wanted: number | null): Promise<void> {
  const ask = async (): Promise<void> => {
    while ((await statusOf(url)) !== wanted);
  };
  return within(ask(), `The status ${wanted} of ${url}`);
}
