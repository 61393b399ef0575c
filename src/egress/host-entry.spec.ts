import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesEntry, normaliseHost, parseAuthority, parseHostEntry } from './host-entry.js';

describe('parseHostEntry', () => {
  it.each([
    ['registry.npmjs.org', { host: 'registry.npmjs.org', isWildcard: false, port: 443, isPortListed: false }],
    ['Registry.NPMJS.org.', { host: 'registry.npmjs.org', isWildcard: false, port: 443, isPortListed: false }],
    ['*.Example.org', { host: 'example.org', isWildcard: true, port: 443, isPortListed: false }],
    ['*.example.org:80', { host: 'example.org', isWildcard: true, port: 80, isPortListed: true }],
    ['bücher.example:8443', { host: 'xn--bcher-kva.example', isWildcard: false, port: 8443, isPortListed: true }],
    ['XN--BCHER-KVA.example', { host: 'xn--bcher-kva.example', isWildcard: false, port: 443, isPortListed: false }],
    ['my_registry', { host: 'my_registry', isWildcard: false, port: 443, isPortListed: false }],
    ['192.0.2.7:443', { host: '192.0.2.7', isWildcard: false, port: 443, isPortListed: true }],
    ['[2001:DB8:0::1]:443', { host: '2001:db8::1', isWildcard: false, port: 443, isPortListed: true }],
    // What the system would take for an address is one.
    ['0x7f.1', { host: '127.0.0.1', isWildcard: false, port: 443, isPortListed: false }],
  ])('reads %s', (text, entry) => {
    expect(parseHostEntry(text)).toEqual(entry);
  });

  it.each([
    '',
    '*',
    '*.',
    '.example.org',
    'a..b',
    'https://example.org',
    'example.org/path',
    'user@example.org',
    'ex%61mple.org',
    'example.org:0',
    'example.org:65536',
    'example.org:x',
    'example.org:',
    'a*.example.org',
    '*.192.0.2.7',
    '2001:db8::1',
    '[fe80::1%eth0]',
    '[::1',
    'exa mple.org',
    '-.org',
    `${'a.'.repeat(130)}org`,
  ])('does not take %j', (text) => {
    expect(parseHostEntry(text)).toBeNull();
  });
});

describe('parseAuthority', () => {
  it('needs a port and no wildcard', () => {
    expect(parseAuthority('Example.org.:443')).toEqual({ host: 'example.org', port: 443 });
    expect(parseAuthority('[::FFFF:127.0.0.1]:443')).toEqual({ host: '::ffff:7f00:1', port: 443 });
    expect(parseAuthority('example.org')).toBeNull();
    expect(parseAuthority('*.example.org:443')).toBeNull();
  });
});

describe('normaliseHost', () => {
  it('gives one form that it keeps, or null', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain(), fc.ipV4(), fc.webAuthority()), (written) => {
        const host = normaliseHost(written);

        expect(host === null || host.includes(':') || normaliseHost(host) === host).toBe(true);
      }),
    );
  });
});

describe('matchesEntry', () => {
  const matches = (entry: string, asked: string) => {
    const [parsed, target] = [parseHostEntry(entry), parseAuthority(asked)];
    return parsed !== null && target !== null && matchesEntry(parsed, target);
  };

  it.each([
    ['example.org', 'example.org:443', true],
    ['example.org', 'EXAMPLE.org.:443', true],
    ['example.org', 'example.org:80', false],
    ['example.org:80', 'example.org:80', true],
    ['example.org:80', 'example.org:443', false],
    ['example.org', 'www.example.org:443', false],
    ['example.org', 'example.org.evil.test:443', false],
    ['*.example.org', 'www.example.org:443', true],
    ['*.example.org', 'a.b.example.org:443', true],
    ['*.example.org', 'example.org:443', false],
    ['*.example.org', 'notexample.org:443', false],
    ['*.example.org', 'www.example.org:80', false],
    ['bücher.example', 'xn--bcher-kva.example:443', true],
    ['8.8.8.8', '8.8.8.8:443', true],
    ['8.8.8.8', '0x08.8.8.8:443', true],
    ['8.8.8.8', '8.8.8.9:443', false],
    ['[2606::1]', '[2606:0::1]:443', true],
  ])('%s lets through %s: %p', (entry, asked, expected) => {
    expect(matches(entry, asked)).toBe(expected);
  });
});
