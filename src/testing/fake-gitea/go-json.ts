/** The characters Go's encoding/json writes as escapes, so that JSON can stand in HTML. */
const ESCAPED = /[<>&\u2028\u2029]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * JSON as Go's `json.MarshalIndent(value, "", "  ")` writes it: two spaces, and `<`, `>`, `&` escaped
 * (modules/structs/hook.go `JSONPayload`). Not the bytes that `JSON.stringify` makes, so that a receiver
 * which parses and writes again before it checks the signature is found out.
 */
export function goMarshalIndent(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(ESCAPED, escape);
}

/** A time as Go's JSON has it, in whole seconds. */
export function goTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
