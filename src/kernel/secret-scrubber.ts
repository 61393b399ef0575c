/** What is shorter is no secret, but would be cut out of every other word. */
const SHORTEST_HIDDEN = 8;
const HIDDEN = '[secret]';

/**
 * Knows the secrets of the service, and takes them out of whatever leaves it: in plain, reversed, escaped for JSON or an
 * address, as hexadecimal digits and as base64, also in the middle of longer base64.
 *
 * A last line of defence, and none against an agent that encodes with care: what must not leak must not be in reach.
 */
export class SecretScrubber {
  private readonly forms = new Set<string>();
  private pattern: RegExp | null = null;

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.learn(secret);
  }

  /** Takes a secret out from now on. One of less than 8 characters is not taken for a secret. */
  learn(secret: string): void {
    if (secret.length < SHORTEST_HIDDEN) return;
    for (const form of formsOf(secret)) this.forms.add(form);
    // The longest first, for one secret may be a part of another.
    const forms = [...this.forms].sort((a, b) => b.length - a.length);
    this.pattern = new RegExp(forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  }

  /** The text with every known secret replaced by `[secret]`. */
  readonly scrub = (text: string): string => (this.pattern === null ? text : text.replace(this.pattern, HIDDEN));

  /** Whether any known secret is in these bytes. */
  readonly isIn = (bytes: Buffer): boolean => [...this.forms].some((form) => bytes.includes(form));
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  return [
    secret,
    Array.from(secret).reverse().join(''),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((before) => base64Within(bytes, before)),
  ];
}

/** The characters that stand for these bytes alone in base64 that has this many bytes before them, modulo 3. */
function base64Within(bytes: Buffer, before: number): string[] {
  const all = Buffer.concat([Buffer.alloc(before), bytes]);
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor((all.length * 8) / 6);
  return [all.toString('base64').slice(from, to), all.toString('base64url').slice(from, to)];
}
