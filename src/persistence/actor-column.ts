import type { Actor } from '../queue/index.js';

const KINDS = { person: 'person:', coordinator: 'coordinator:' } as const;

/** Who changed a job, as a column holds it: `person:` and a login, or `coordinator:` and a holder. */
export function toActorColumn(by: Actor | null): string | null {
  if (by === null) return null;
  return by.kind === 'person' ? KINDS.person + by.login : KINDS.coordinator + by.holder;
}

/** Null for what cannot be read: it hides nothing else of a history. */
export function fromActorColumn(text: string | null): Actor | null {
  if (text?.startsWith(KINDS.person)) return { kind: 'person', login: text.slice(KINDS.person.length) };
  if (text?.startsWith(KINDS.coordinator)) return { kind: 'coordinator', holder: text.slice(KINDS.coordinator.length) };
  return null;
}
