import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { deliveryId } from './delivery-id.js';

const PAYLOAD = Buffer.from('{"action":"opened"}');
const DIGEST = `sha256:${createHash('sha256').update(PAYLOAD).digest('hex')}`;

describe('deliveryId', () => {
  it.each(['x-gitea-delivery', 'x-forgejo-delivery', 'x-gogs-delivery', 'x-github-delivery'])('reads %s', (header) => {
    expect(deliveryId({ [header]: '0b5f1c2e-7d44' }, PAYLOAD)).toBe('0b5f1c2e-7d44');
  });

  it.each(['!', '~', 'x'.repeat(128)])('takes %s for an id', (id) => {
    expect(deliveryId({ 'x-gitea-delivery': id }, PAYLOAD)).toBe(id);
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['too long a text', 'x'.repeat(129)],
    ['a text with a blank', 'a b'],
    ['two ids', '0b5f1c2e, 0b5f1c2f'],
    ['a letter beyond ASCII', 'ä'],
    ['a control character', 'a\u007f'],
    ['the digest of another body', `sha256:${'0'.repeat(64)}`],
    ['a list', ['a']],
  ])('knows the delivery by its bytes where the header holds %s', (_what, id) => {
    expect(deliveryId({ 'x-gitea-delivery': id } as Record<string, string>, PAYLOAD)).toBe(DIGEST);
  });

  it('goes on to the next header where the first holds no id', () => {
    expect(deliveryId({ 'x-gitea-delivery': 'a b', 'x-gogs-delivery': 'c' }, PAYLOAD)).toBe('c');
  });

  it('knows other bytes by another id', () => {
    expect(deliveryId({}, Buffer.from('{}'))).not.toBe(DIGEST);
  });
});
