import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressKind } from './address-kind.js';

const NONE: ReadonlySet<string> = new Set();

describe('addressKind', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '104.16.0.1',
    '172.32.0.1',
    '100.128.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00::1',
  ])('finds %s on the internet', (address) => {
    expect(addressKind(address, NONE)).toBe('public');
  });

  it.each([
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.8.8.8',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '::1',
    'fc00::1',
    'fdff::1',
  ])('finds %s on this machine or in its networks', (address) => {
    expect(addressKind(address, NONE)).toBe('private');
  });

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.0.1',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:a00:1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'fd00:ec2::254',
    'localhost',
    '',
  ])('lets nothing lead to %s', (address) => {
    expect(addressKind(address, NONE)).toBe('forbidden');
  });

  it('knows addresses of this machine, whatever their range', () => {
    expect(addressKind('8.8.8.8', new Set(['8.8.8.8']))).toBe('private');
    expect(addressKind('2a00::1', new Set(['2a00::1']))).toBe('private');
    expect(addressKind('169.254.1.1', new Set(['169.254.1.1']))).toBe('forbidden');
  });

  it('never takes an address that carries an IPv4 one for more than that', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressKind(`::ffff:${address}`, NONE)).toBe('forbidden');
        expect(addressKind(`64:ff9b::${address}`, NONE)).toBe('forbidden');
      }),
    );
  });
});
