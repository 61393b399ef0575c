import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SecretScrubber } from './secret-scrubber.js';

const SECRET = 'k3y/with+"odd" chars?';
const secrets = fc.string({ minLength: 8, maxLength: 40 }).filter((text) => text.trim().length >= 8);

const ENCODINGS: readonly [string, (text: string) => string][] = [
  ['plain', (text) => text],
  ['reversed', (text) => Array.from(text).reverse().join('')],
  ['as JSON', (text) => JSON.stringify({ key: text })],
  ['in an address', (text) => `https://x/?q=${encodeURIComponent(text)}`],
  ['as hexadecimal digits', (text) => Buffer.from(text).toString('hex')],
  ['as large hexadecimal digits', (text) => Buffer.from(text).toString('hex').toUpperCase()],
  ['as base64', (text) => Buffer.from(text).toString('base64')],
  ['as base64 for addresses', (text) => Buffer.from(text).toString('base64url')],
  ['in base64 after one byte', (text) => Buffer.from(`a${text} and more`).toString('base64')],
  ['in base64 after two bytes', (text) => Buffer.from(`ab${text}`).toString('base64')],
  ['in base64 after four bytes', (text) => Buffer.from(`abcd${text}`).toString('base64url')],
];

describe('SecretScrubber', () => {
  it.each(ENCODINGS)('takes a secret out %s', (_title, encode) => {
    const scrubber = new SecretScrubber([SECRET]);
    const text = `before ${encode(SECRET)} after`;

    expect(scrubber.isIn(Buffer.from(text))).toBe(true);
    const scrubbed = scrubber.scrub(text);
    expect(scrubbed).toMatch(/^before .*\[secret\].* after$/);
    expect(scrubber.isIn(Buffer.from(scrubbed))).toBe(false);
  });

  it('takes every secret out in every encoding', () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom(...ENCODINGS), fc.string(), (secret, [, encode], around) => {
        const scrubbed = new SecretScrubber([secret]).scrub(`${around} ${encode(secret)} ${around}`);
        expect(scrubbed).toContain('[secret]');
      }),
    );
  });

  it('takes the longer of two secrets out whole', () => {
    expect(new SecretScrubber(['secret-one', 'secret-one-and-more']).scrub('secret-one-and-more')).toBe('[secret]');
  });

  it('leaves everything else as it is, and text without secrets', () => {
    const text = 'nothing to see (.*) [here]';

    expect(new SecretScrubber([SECRET]).scrub(text)).toBe(text);
    expect(new SecretScrubber().scrub(text)).toBe(text);
    expect(new SecretScrubber().isIn(Buffer.from(text))).toBe(false);
  });

  it('does not shred text for a secret that is too short to be one', () => {
    expect(new SecretScrubber(['ok']).scrub('looks ok')).toBe('looks ok');
  });

  it('learns a secret later', () => {
    const scrubber = new SecretScrubber();
    scrubber.learn('learned-later');

    expect(scrubber.scrub('it is learned-later')).toBe('it is [secret]');
  });
});
