import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { signedPayload } from './signed-payload.js';

const FORM = 'application/x-www-form-urlencoded';

describe('the signed bytes', () => {
  it.each([undefined, '', 'application/json', 'text/plain', 'multipart/form-data; boundary=x', `x${FORM}`])(
    'are the body as it came when its type is %s',
    (contentType) => {
      const body = Buffer.from('payload=%7B%7D');

      expect(signedPayload(body, contentType)).toBe(body);
    },
  );

  it.each([FORM, FORM.toUpperCase(), `${FORM}; charset=utf-8`, ` ${FORM} ;charset=UTF-8`])(
    'are the text of the field payload when the type is %s',
    (contentType) => {
      expect(signedPayload(Buffer.from('payload=%7b%22a+b%22%3A%0A1%7D'), contentType)?.toString()).toBe('{"a b":\n1}');
    },
  );

  it('are whatever text was put into a form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // Like url.Values.Encode of Go, whose form Gitea sends.
        const body = Buffer.from(new URLSearchParams({ payload: text }).toString());

        expect(signedPayload(body, FORM)).toEqual(Buffer.from(text.replace(/\p{Surrogate}/gu, '\u{fffd}')));
      }),
    );
  });

  it('may be bytes that are not UTF-8, which is for the reader of JSON to refuse', () => {
    expect(signedPayload(Buffer.from('payload=%ff%00'), FORM)).toEqual(Buffer.from([0xff, 0]));
  });

  it.each([
    ['no body', ''],
    ['another field', 'data=%7B%7D'],
    ['a name that only begins alike', 'payloads=%7B%7D'],
    ['a name in other case', 'Payload=%7B%7D'],
    ['an encoded name', '%70ayload=%7B%7D'],
    ['a name without a value', 'payload'],
    ['a field before', 'a=1&payload=%7B%7D'],
    ['a field after', 'payload=%7B%7D&a=1'],
    ['the field twice', 'payload=%7B%7D&payload=%7B%7D'],
    ['an empty field after', 'payload=%7B%7D&'],
    ['a percent sign at the end', 'payload=%7B%'],
    ['half an escape at the end', 'payload=%7B%7'],
    ['an escape that is no number', 'payload=%7G'],
    ['an escape with a blank', 'payload=% 7'],
    ['an escape with a character after f', 'payload=%g7'],
    ['an escape with a character before 0', 'payload=%/7'],
    ['an escape with a character after 9', 'payload=%7:'],
    ['a blank', 'payload=%7B %7D'],
    ['a line end', 'payload=%7B%7D\r\n'],
    ['a letter beyond ASCII', 'payload=ä'],
    ['a NUL', 'payload=\0'],
    ['JSON for a form', '{"payload":1}'],
  ])('are unknown in a form of %s', (_what, body) => {
    expect(signedPayload(Buffer.from(body), FORM)).toBeUndefined();
  });
});
