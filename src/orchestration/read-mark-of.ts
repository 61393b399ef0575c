import type { IssueRef } from '../kernel/index.js';
import type { Job } from '../queue/index.js';
import { readDetails } from './job-details.js';
import type { ReadMark } from './ports/issue-tracker.port.js';

/**
 * How far the comments of the issue, or of the pull request, were read. What was said before the issue was given to the
 * bot is no order, as nobody was there to take it.
 */
export function readMarkOf({ details }: Job, { number }: IssueRef): ReadMark {
  const { orders, startEvent, startAt } = readDetails(details);
  const read = orders.read[number] ?? 0;
  return read >= (startEvent ?? 0)
    ? { id: read, at: orders.readAt[number] ?? null }
    : { id: startEvent ?? 0, at: startAt };
}
