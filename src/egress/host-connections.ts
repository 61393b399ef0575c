import { connect, isIP, type Socket } from 'node:net';
import type { EgressOptions } from './egress.options.js';
import type { HostAndPort } from './host-entry.js';
import { reachHost, type Approach } from './reach-host.js';

/** Why there is no connection, and the status to answer with. */
export class NoConnection {
  constructor(
    readonly status: 403 | 502 | 504,
    readonly sentence: string,
  ) {}
}

/** Of several addresses of a host, the next one is tried after so long. */
const ATTEMPT_MS = 2_500;

/**
 * Connects to a host that may be reached, at the addresses that were found and checked, and within the time for it.
 *
 * @param signal ends the attempt at once, and the connection
 */
export async function connectToHost(
  asked: HostAndPort,
  approach: Approach,
  options: EgressOptions,
  signal: AbortSignal,
): Promise<Socket | NoConnection> {
  const settled = new AbortController();
  const late = new AbortController();
  const limit = options.clock
    .sleep(options.connectMs, AbortSignal.any([settled.signal, signal]))
    .then((): NoConnection => {
      if (!settled.signal.aborted) late.abort();
      return new NoConnection(504, `${asked.host} did not answer in time`);
    });
  try {
    return await Promise.race([attempt(asked, approach, options, AbortSignal.any([signal, late.signal])), limit]);
  } finally {
    settled.abort();
  }
}

async function attempt(
  asked: HostAndPort,
  approach: Approach,
  options: EgressOptions,
  signal: AbortSignal,
): Promise<Socket | NoConnection> {
  const reach = await reachHost(asked, approach, options);
  if (reach.kind === 'refused') return new NoConnection(403, reach.sentence);
  if (reach.kind === 'unknown') return new NoConnection(502, reach.sentence);
  const found = reach.addresses.map((address) => ({ address, family: isIP(address) }));
  return new Promise((resolve) => {
    const socket = connect({
      ...asked,
      signal,
      allowHalfOpen: approach === 'tunnel',
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
      lookup: (_host, _options, done) => done(null, found),
    });
    // Stays: without a listener, a failure later on would end the process.
    socket.on('error', () => resolve(new NoConnection(502, `${asked.host} does not take connections`)));
    socket.once('connect', () => resolve(socket));
  });
}
