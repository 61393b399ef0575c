import { describe, expect, it } from '@jest/globals';
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { SeededRandomness } from '../testing/index.js';
import { isSigned, readDigests } from './signature.js';

const SECRET = 'correct horse battery staple';
const OTHER_SECRET = 'an old secret, being replaced';
const BODY = Buffer.from('{\n  "action": "assigned",\n  "number": 12,\n  "title": "ä 漢字 😀"\n}');
const DIGEST = hmac(BODY);

const BARE_HEADERS = ['x-gitea-signature', 'x-forgejo-signature', 'x-gogs-signature'];
const HEADERS = [...BARE_HEADERS, 'x-hub-signature-256'];

function hmac(bytes: Buffer | string, secret = SECRET, algorithm = 'sha256'): string {
  return createHmac(algorithm, secret).update(bytes).digest('hex');
}

/** A digest as this header carries it. */
function written(header: string, digest: string): string {
  return header === 'x-hub-signature-256' ? `sha256=${digest}` : digest;
}

function isAccepted(headers: IncomingHttpHeaders, body = BODY, secrets: readonly string[] = [SECRET]): boolean {
  return isSigned(body, readDigests(headers), secrets);
}

function withNibble(at: number): string {
  const nibble = (Number.parseInt(DIGEST.charAt(at), 16) ^ 1).toString(16);
  return DIGEST.slice(0, at) + nibble + DIGEST.slice(at + 1);
}

/** Digests that are hexadecimal and wrong, and texts that are no digest. Each is tried in each header. */
const WRONG_DIGESTS: readonly (readonly [string, string])[] = [
  ['another secret', hmac(BODY, OTHER_SECRET)],
  ['an empty secret', hmac(BODY, '')],
  ['the secret with a line end', hmac(BODY, `${SECRET}\n`)],
  ['the secret in upper case', hmac(BODY, SECRET.toUpperCase())],
  ['another body', hmac('{"action":"unassigned"}')],
  ['an empty body', hmac('')],
  ['the body, written again', hmac(JSON.stringify(JSON.parse(BODY.toString())))],
  ['the body and a line end', hmac(Buffer.concat([BODY, Buffer.from('\n')]))],
  ['the body after a byte order mark', hmac(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), BODY]))],
  ['the body without its last byte', hmac(BODY.subarray(0, -1))],
  ['the body as Latin-1', hmac(Buffer.from(BODY.toString(), 'latin1'))],
  ['secret and body exchanged', createHmac('sha256', BODY).update(SECRET).digest('hex')],
  ['no secret, by SHA-256 alone', createHash('sha256').update(BODY).digest('hex')],
  ['secret and body in a row, by SHA-256', createHash('sha256').update(SECRET).update(BODY).digest('hex')],
  ['a digest of the digest', hmac(DIGEST)],
  ['a first digit that differs', withNibble(0)],
  ['a middle digit that differs', withNibble(31)],
  ['a last digit that differs', withNibble(63)],
  ['the digits in reverse', DIGEST.split('').reverse().join('')],
  ['zeros', '0'.repeat(64)],
  ['fs', 'f'.repeat(64)],
];

const MALFORMED: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['one blank', ' '],
  ['a digit too few', DIGEST.slice(1)],
  ['a digit too many', `${DIGEST}0`],
  ['the digest twice', DIGEST + DIGEST],
  ['the digest sent twice, as Node joins it', `${DIGEST}, ${DIGEST}`],
  ['a list with a wrong one first', `${'0'.repeat(64)}, ${DIGEST}`],
  ['a letter beyond f', `g${DIGEST.slice(1)}`],
  ['a blank before', ` ${DIGEST}`],
  ['a blank after', `${DIGEST} `],
  ['a line end after', `${DIGEST}\n`],
  ['a line end before', `\n${DIGEST}`],
  ['a NUL after', `${DIGEST}\0`],
  ['a NUL within', `${DIGEST.slice(0, 32)}\0${DIGEST.slice(33)}`],
  ['quotation marks around', `"${DIGEST}"`],
  ['0x before', `0x${DIGEST.slice(2)}`],
  ['colons within', DIGEST.replace(/..(?=.)/g, '$&:')],
  ['digits of another script', `\u{ff10}${DIGEST.slice(1)}`],
  ['base64', Buffer.from(DIGEST, 'hex').toString('base64')],
  ['the raw bytes', Buffer.from(DIGEST, 'hex').toString('latin1')],
  ['an HMAC by SHA-1', hmac(BODY, SECRET, 'sha1')],
  ['an HMAC by SHA-512', hmac(BODY, SECRET, 'sha512')],
  ['an HMAC by MD5', hmac(BODY, SECRET, 'md5')],
  ['null', 'null'],
  ['true', 'true'],
  ['the secret', SECRET],
  ['a percent-encoded digit', `%30${DIGEST.slice(1)}`],
  ['a sign before', `-${DIGEST.slice(1)}`],
  ['a comma after', `${DIGEST},`],
  ['a name before', `v0=${DIGEST}`],
  ['a hundred thousand digits', 'a'.repeat(100_000)],
];

describe('a signature', () => {
  describe.each(HEADERS)('in %s', (header) => {
    it('is accepted when it is right', () => {
      expect(isAccepted({ [header]: written(header, DIGEST) })).toBe(true);
    });

    it('is accepted in upper case', () => {
      expect(isAccepted({ [header]: written(header, DIGEST.toUpperCase()) })).toBe(true);
    });

    it.each(WRONG_DIGESTS)('is refused when made from %s', (_what, digest) => {
      expect(isAccepted({ [header]: written(header, digest) })).toBe(false);
    });

    it.each(MALFORMED)('is refused when it is %s', (_what, value) => {
      expect(isAccepted({ [header]: written(header, value) })).toBe(false);
    });

    it('is refused when it is a list', () => {
      expect(isAccepted({ [header]: [written(header, DIGEST)] })).toBe(false);
    });

    it('is refused beside a right one when it is empty', () => {
      for (const other of HEADERS.filter((name) => name !== header)) {
        expect(isAccepted({ [other]: written(other, DIGEST), [header]: '' })).toBe(false);
      }
    });

    it('is refused beside a right one when it is wrong', () => {
      for (const other of HEADERS.filter((name) => name !== header)) {
        expect(isAccepted({ [other]: written(other, DIGEST), [header]: written(header, withNibble(9)) })).toBe(false);
      }
    });

    it('is refused beside a right one when another secret made it, though both are known', () => {
      for (const other of HEADERS.filter((name) => name !== header)) {
        const headers = {
          [other]: written(other, DIGEST),
          [header]: written(header, hmac(BODY, OTHER_SECRET)),
        };

        expect(isAccepted(headers, BODY, [SECRET, OTHER_SECRET])).toBe(false);
      }
    });
  });

  it.each(BARE_HEADERS)('is refused in %s with the prefix of another header', (header) => {
    expect(isAccepted({ [header]: `sha256=${DIGEST}` })).toBe(false);
  });

  it.each([
    ['no prefix', DIGEST],
    ['the prefix alone', 'sha256='],
    ['another prefix', `sha1=${DIGEST}`],
    ['the prefix in upper case', `SHA256=${DIGEST}`],
    ['the prefix twice', `sha256=sha256=${DIGEST}`],
    ['a blank in the prefix', `sha256= ${DIGEST}`],
    ['a colon for the equals sign', `sha256:${DIGEST}`],
  ])('is refused in x-hub-signature-256 with %s', (_what, value) => {
    expect(isAccepted({ 'x-hub-signature-256': value })).toBe(false);
  });

  it.each([
    ['there is no header', {}],
    ['SHA-1 alone is there', { 'x-hub-signature': `sha1=${hmac(BODY, SECRET, 'sha1')}` }],
    ['SHA-256 is in the header of SHA-1', { 'x-hub-signature': `sha256=${DIGEST}` }],
    ['it is in a header of no server', { 'x-signature': DIGEST, authorization: DIGEST }],
    [
      'Gitea has no secret and sends every header empty',
      {
        'x-gitea-signature': '',
        'x-gogs-signature': '',
        'x-hub-signature': 'sha1=',
        'x-hub-signature-256': 'sha256=',
      },
    ],
  ])('is refused when %s', (_what, headers) => {
    expect(isAccepted(headers)).toBe(false);
  });

  it.each(subsetsOf(HEADERS).map((names) => [names.join(' and '), names] as const))(
    'is accepted when %s agree',
    (_title, names) => {
      expect(isAccepted(Object.fromEntries(names.map((name) => [name, written(name, DIGEST)])))).toBe(true);
    },
  );

  it.each([
    ['no byte', Buffer.alloc(0)],
    ['one byte', Buffer.from([0])],
    ['every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x80])],
    ['a line end', Buffer.from('\r\n')],
    ['emoji', Buffer.from('😀'.repeat(1_000))],
    ['ten million bytes', Buffer.alloc(10_000_000, 'a')],
  ])('over %s is accepted', (_what, body) => {
    expect(isAccepted({ 'x-gitea-signature': hmac(body) }, body)).toBe(true);
  });

  it.each([
    ['sixteen characters', 'abcdefghijklmnop'],
    ['more characters than a block of SHA-256', 'long '.repeat(200)],
    ['letters beyond ASCII', 'Geheimnis: größer als nötig 漢字'],
    ['blanks and quotes', ` "it's" 'a' \\ secret `],
  ])('by a secret of %s is accepted', (_what, secret) => {
    expect(isAccepted({ 'x-gitea-signature': hmac(BODY, secret) }, BODY, [secret])).toBe(true);
  });

  it.each([1, 2, 3, 4, 5].flatMap((count) => Array.from({ length: count }, (_, at) => [at + 1, count] as const)))(
    'by secret %d of %d is accepted',
    (position, count) => {
      const secrets = Array.from({ length: count }, (_, at) => (at + 1 === position ? SECRET : `another secret ${at}`));

      expect(isAccepted({ 'x-gitea-signature': DIGEST }, BODY, secrets)).toBe(true);
    },
  );

  it.each([1, 2, 5])('by none of %d secrets is refused', (count) => {
    const secrets = Array.from({ length: count }, (_, at) => `another secret ${at}`);

    expect(isAccepted({ 'x-gitea-signature': DIGEST }, BODY, secrets)).toBe(false);
  });

  it('is refused when there is no secret', () => {
    expect(isAccepted({ 'x-gitea-signature': DIGEST }, BODY, [])).toBe(false);
    expect(isAccepted({ 'x-gitea-signature': hmac(BODY, '') }, BODY, [])).toBe(false);
  });

  it.each([
    // RFC 4231, test cases 1, 2 and 4.
    ['\u{0b}'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    ['Jefe', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    [
      String.fromCodePoint(...Array.from({ length: 25 }, (_, at) => at + 1)),
      Buffer.alloc(50, 0xcd),
      '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    ],
    // GitHub's documentation, "Validating webhook deliveries".
    ["It's a Secret to Everybody", 'Hello, World!', '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'],
  ])('agrees with the published answer for %j', (secret, body, digest) => {
    expect(isAccepted({ 'x-hub-signature-256': `sha256=${digest}` }, Buffer.from(body), [secret])).toBe(true);
  });
});

describe('a flipped bit', () => {
  const seed = 20_261_122;

  it.each([
    ['body', 1_000],
    ['digest', 600],
    ['secret', 400],
  ] as const)('in the %s refuses the request, %d times', (where, times) => {
    const chance = new SeededRandomness(seed);
    const accepted: string[] = [];

    for (let round = 0; round < times; round += 1) {
      const [body, digest, secret] = [Buffer.from(BODY), Buffer.from(DIGEST, 'hex'), Buffer.from(SECRET)];
      const target = { body, digest, secret }[where];
      // The highest bit of a letter stays: a secret is text, and half a character is not.
      const bit = Math.floor(chance.fraction() * target.length * 8);
      const mask = where === 'secret' ? 1 << (bit % 7) : 1 << (bit % 8);
      const at = bit >> 3;
      target.writeUInt8(target.readUInt8(at) ^ mask, at);
      const headers = { 'x-gitea-signature': digest.toString('hex') };
      if (isAccepted(headers, body, [secret.toString('latin1')])) accepted.push(`seed ${seed}, round ${round}`);
    }

    expect(accepted).toEqual([]);
  });

  it('would be seen: without it the same request is accepted', () => {
    expect(isAccepted({ 'x-gitea-signature': Buffer.from(DIGEST, 'hex').toString('hex') })).toBe(true);
  });
});

function subsetsOf(names: readonly string[]): string[][] {
  return Array.from({ length: 2 ** names.length - 1 }, (_, bits) =>
    names.filter((_name, at) => ((bits + 1) >> at) & 1),
  );
}
