import type { Actor } from './queue.types.js';

/** Who changes a job by an act of their own; null where nothing tells who it was. */
export function personNamed(login: string | null | undefined): Actor | null {
  return login === null || login === undefined || login === '' ? null : { kind: 'person', login };
}
