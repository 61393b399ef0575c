import { networkInterfaces } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { resolveEgressOptions } from './egress.options.js';
import { parseAuthority } from './host-entry.js';
import { reachHost, type Approach } from './reach-host.js';

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'public.test': ['93.184.215.14', '2606:2800::1'],
  'mixed.test': ['10.0.0.5', '93.184.215.14', '::ffff:93.184.215.14'],
  'private.test': ['10.0.0.5', '::1'],
  'metadata.test': ['169.254.169.254', 'fd00:ec2::254'],
  'empty.test': [],
};

async function reach(
  authority: string,
  allowedHosts: string[],
  privateHosts: string[] = [],
  approach: Approach = 'tunnel',
) {
  const asked: string[] = [];
  const options = resolveEgressOptions({
    allowedHosts,
    privateHosts,
    resolveHost: async (host) => {
      asked.push(host);
      const found = HOSTS[host];
      return found ?? Promise.reject(new Error('ENOTFOUND'));
    },
  });
  const result = await reachHost(parseAuthority(authority) ?? { host: '', port: 0 }, approach, options);
  return { ...result, asked };
}

describe('reachHost', () => {
  it('gives the addresses of an allowed host, found once', async () => {
    expect(await reach('PUBLIC.test.:443', ['public.test'])).toEqual({
      kind: 'reachable',
      addresses: HOSTS['public.test'],
      asked: ['public.test'],
    });
  });

  it('does not look up what is not allowed', async () => {
    expect(await reach('public.test:443', ['other.test', '*.x.test:80'], ['[::1]:9'])).toEqual({
      kind: 'refused',
      sentence: 'public.test:443 may not be reached from this sandbox. Allowed are: other.test, *.x.test:80, [::1]:9',
      asked: [],
    });
    expect(await reach('public.test:443', [])).toMatchObject({
      sentence: 'public.test:443 may not be reached from this sandbox. No host is allowed',
    });
  });

  it.each(['private.test', 'metadata.test', 'empty.test'])('refuses %s, which has no public address', async (host) => {
    expect(await reach(`${host}:443`, [host])).toMatchObject({
      kind: 'refused',
      sentence: `${host} leads to no public address, and private ones are refused`,
    });
  });

  it('goes to the public addresses of a host that has others too', async () => {
    expect(await reach('mixed.test:443', ['mixed.test'])).toMatchObject({ addresses: ['93.184.215.14'] });
  });

  it('goes to private addresses of a host that is trusted with it, and to no metadata', async () => {
    expect(await reach('private.test:443', [], ['private.test'])).toMatchObject({ addresses: ['10.0.0.5', '::1'] });
    expect(await reach('metadata.test:443', [], ['metadata.test'])).toMatchObject({ kind: 'refused' });
    expect(await reach('mixed.test:443', [], ['*.test'])).toMatchObject({ addresses: ['10.0.0.5', '93.184.215.14'] });
  });

  it('trusts a listed port alone with plain HTTP', async () => {
    expect(await reach('public.test:443', ['public.test'], [], 'plain')).toMatchObject({
      kind: 'refused',
      sentence: expect.stringMatching(/^Plain HTTP to public\.test:443 may not be reached/) as unknown,
    });
    expect(await reach('public.test:80', ['public.test:80'], [], 'plain')).toMatchObject({ kind: 'reachable' });
  });

  it('says so when a host has no address', async () => {
    expect(await reach('gone.test:443', ['*.test'])).toMatchObject({
      kind: 'unknown',
      sentence: 'No address was found for gone.test',
    });
  });

  it('takes an address where it is listed itself, and looks nothing up', async () => {
    expect(await reach('93.184.215.14:443', ['93.184.215.14'])).toEqual({
      kind: 'reachable',
      addresses: ['93.184.215.14'],
      asked: [],
    });
    expect(await reach('127.0.0.1:443', ['127.0.0.1'])).toMatchObject({ kind: 'refused' });
    expect(await reach('127.0.0.1:443', [], ['127.0.0.1'])).toMatchObject({ kind: 'reachable' });
  });

  it('counts every address of this machine as private', async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const kinds = await Promise.all(
      own
        .filter(({ family }) => family === 'IPv4')
        .map(({ address }) => reach(`${address}:443`, [address]).then(({ kind }) => kind)),
    );

    expect(new Set(kinds)).toEqual(new Set(['refused']));
  });

  it('asks the system where no resolver is given', async () => {
    const options = resolveEgressOptions({ privateHosts: ['localhost:80'] });

    expect(await reachHost({ host: 'localhost', port: 80 }, 'tunnel', options)).toEqual({
      kind: 'reachable',
      addresses: expect.arrayContaining([expect.stringMatching(/^(?:127\.0\.0\.1|::1)$/)]) as unknown,
    });
  });
});
