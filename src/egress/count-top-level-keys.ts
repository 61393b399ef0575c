const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SPACES: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];
/** By byte, what a bracket does to the depth. A table, as this is asked of every byte of what may be many millions. */
const STEPS = new Int8Array(256);
for (const opening of [0x7b, 0x5b]) STEPS[opening] = 1;
for (const closing of [0x7d, 0x5d]) STEPS[closing] = -1;

/**
 * How often each key stands in a JSON object, without those of the objects inside it, in lower case. Parsers differ in
 * which of two equal keys they take, and some take a key in any case (Go's encoding/json): what is checked must be what
 * the other side reads.
 *
 * @param json valid JSON, an object
 */
export function countTopLevelKeys(json: Buffer): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json.readUInt8(at);
    depth += STEPS[byte] ?? 0;
    if (byte !== QUOTE) continue;
    const end = endOfText(json, at);
    if (depth === 1 && isFollowedByColon(json, end)) {
      const key = (JSON.parse(json.toString('utf8', at, end)) as string).toLowerCase();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    at = end - 1;
  }
  return counts;
}

/** Index behind the closing quote of the text that opens at `start`. */
function endOfText(json: Buffer, start: number): number {
  for (let at = start + 1; ; at += 1) {
    at = json.indexOf(QUOTE, at);
    let backslashes = 0;
    while (json[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
}

function isFollowedByColon(json: Buffer, index: number): boolean {
  let at = index;
  while (SPACES.includes(json.readUInt8(at))) at += 1;
  return json.readUInt8(at) === COLON;
}
