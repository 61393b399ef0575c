import { messageOf, type IssueRef } from '../kernel/index.js';
import { bad, good, unknown, type Finding } from './finding.js';

/** How to ask the service that runs. */
export interface RunningService {
  /** Where it listens, without a slash at the end. */
  readonly address: string;
  /** For `/api`; null where it is closed. */
  readonly apiToken: string | null;
  readonly fetch: typeof fetch;
  /** How long one answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** Where a service that was told to listen on this address is reached on the same machine. */
export function localAddress(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** Whether the service runs, is ready, and what it says that it cannot do. */
export async function checkService(service: RunningService): Promise<readonly Finding[]> {
  let body: unknown;
  let status: number;
  try {
    ({ status, body } = await ask(service, '/health/ready'));
  } catch (error) {
    return [
      unknown(`No service answers at ${service.address}: ${reasonOf(error)}`, 'Start it, to have it looked at too'),
    ];
  }
  const details = fieldsOf(fieldsOf(body)['details']);
  const limitations = fieldsOf(details['configuration'])['limitations'];
  const told = Array.isArray(limitations) ? limitations.map((sentence) => unknown(plain(String(sentence)))) : [];
  if (status === 200) return [good(`The service at ${service.address} is ready`), ...told];
  const down = Object.entries(fieldsOf(fieldsOf(body)['error'])).map(
    ([name, indicator]) => `${name} (${reasonGiven(fieldsOf(indicator)['message'])})`,
  );
  const what = down.length > 0 ? down.join(', ') : `it answers ${status}`;
  return [bad(`The service at ${service.address} is not ready: ${what}`, 'Its log says more'), ...told];
}

/** How many webhook requests came so far, by what became of them. */
export async function deliveryCounts(service: RunningService): Promise<ReadonlyMap<string, number>> {
  const response = await service.fetch(`${service.address}/metrics`, {
    signal: AbortSignal.timeout(service.timeoutMs),
  });
  const text = await response.text();
  const samples = text.matchAll(/^mosaic_coordinator_deliveries_total\{outcome="(\w+)"\} (\d+)$/gm);
  return new Map([...samples].map(([, outcome = '', count = '0']) => [outcome, Number(count)]));
}

/**
 * Why the job of an issue is where it is, in the one sentence that its status comment and the API have.
 *
 * Resolves with the sentence, or with what keeps it from being told.
 */
export async function askWhy(service: RunningService, issue: IssueRef): Promise<Finding> {
  if (service.apiToken === null) {
    return bad('API_TOKEN is not set, so that the API is closed', 'Set it for the service and for this command');
  }
  const name = `${issue.owner}/${issue.repo}#${issue.number}`;
  try {
    const path = `/api/jobs/${encodeURIComponent(issue.owner)}/${encodeURIComponent(issue.repo)}/${issue.number}`;
    const { status, body } = await ask(service, path, { authorization: `Bearer ${service.apiToken}` });
    if (status === 404) return bad(`There is no job for ${name}`, 'Assign the issue to the bot');
    if (status === 401) return bad('The service does not take API_TOKEN', 'Give this command the one of the service');
    const job = fieldsOf(fieldsOf(body)['job']);
    const { state, why } = job;
    if (status === 200 && typeof state === 'string' && typeof why === 'string') {
      return good(`${name} is ${state.replaceAll('_', ' ')}: ${why}`);
    }
    return bad(`The service at ${service.address} answers ${status}`, 'Its log says more');
  } catch (error) {
    return bad(`No service answers at ${service.address}: ${reasonOf(error)}`, 'Start it, or name it with --service');
  }
}

async function ask(
  { address, fetch, timeoutMs }: RunningService,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${address}${path}`, { headers, signal: AbortSignal.timeout(timeoutMs) });
  const text = await response.text();
  return { status: response.status, body: readJson(text) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function reasonGiven(message: unknown): string {
  return typeof message === 'string' ? message : 'down';
}

function plain(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

/** Fetch says "fetch failed" and keeps the reason in its cause. */
function reasonOf(error: unknown): string {
  return messageOf(fieldsOf(error)['cause'] ?? error);
}
