/** The system's code of a failure (`ENOENT`), from the error or what caused it; null where there is none. */
export function errorCodeOf(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null) return null;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return 'cause' in thrown ? errorCodeOf(thrown.cause) : null;
}
