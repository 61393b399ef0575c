import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { FakeClock, SeededRandomness } from '../testing/index.js';
import { resolveEgressOptions } from './egress.options.js';
import { EGRESS, EgressModule, networkBridgeFiles, networkBridgePath, proxyEnvironment, type Egress } from './index.js';

describe('EgressModule', () => {
  it.each([
    ['forRoot', EgressModule.forRoot({ randomness: new SeededRandomness() })],
    ['forRootAsync', EgressModule.forRootAsync({ useFactory: async () => ({ randomness: new SeededRandomness() }) })],
  ])('opens gates, configured by %s, and closes them with the app', async (_way, module) => {
    const app = await Test.createTestingModule({ imports: [module] }).compile();
    const gate = await app.get<Egress>(EGRESS).open({ model: null });

    const isThere = existsSync(gate.socket);
    await app.close();

    expect([isThere, existsSync(dirname(gate.socket))]).toEqual([true, false]);
    expect(gate.token).toBe('gate-00000000-0000-4000-8000-000000000001');
  });
});

describe('resolveEgressOptions', () => {
  it('reads the hosts', () => {
    const { allowedHosts, privateHosts } = resolveEgressOptions({
      allowedHosts: [' registry.npmjs.org ', '*.example.org:8443'],
      privateHosts: ['10.0.0.7:4873'],
    });

    expect([...allowedHosts, ...privateHosts].map(({ host, port }) => `${host}:${port}`)).toEqual([
      'registry.npmjs.org:443',
      'example.org:8443',
      '10.0.0.7:4873',
    ]);
  });

  it.each([
    [{ allowedHosts: ['https://registry.npmjs.org'] }, /Expected allowedHosts to name hosts .*"https:/],
    [{ privateHosts: [''] }, /Expected privateHosts to name hosts .*""/],
    [{ directory: 'gates' }, /Expected directory to be an absolute path, got gates/],
    [{ maxBodyBytes: 0 }, /Expected maxBodyBytes to be a whole number from 1 to 2147483647, got 0/],
    [{ maxConnections: 1.5 }, /Expected maxConnections/],
    [{ connectMs: -1 }, /Expected connectMs/],
    [{ idleMs: Number.NaN }, /Expected idleMs/],
    [{ modelIdleMs: 2 ** 31 }, /Expected modelIdleMs/],
  ])('does not take %j', (options, sentence) => {
    expect(() => resolveEgressOptions({ clock: new FakeClock(), ...options })).toThrow(
      expect.objectContaining({ code: 'EGRESS_OPTIONS_INVALID', message: expect.stringMatching(sentence) as unknown }),
    );
  });
});

describe('What a sandbox is given', () => {
  it('is the bridge with its files, and templates for the programs that read variables', () => {
    const names = networkBridgeFiles().map((path) => path.replace(/^.*\/(?=src|package)/, ''));

    expect(networkBridgePath()).toBe(networkBridgeFiles()[0]);
    expect(names).toEqual(['src/egress/network-bridge.js', 'src/egress/run-network-bridge.js', 'package.json']);
    expect(existsSync(networkBridgeFiles()[2] ?? '')).toBe(true);
    expect(proxyEnvironment()).toMatchObject({ https_proxy: '{address}', NO_PROXY: 'localhost,127.0.0.1,::1' });
  });
});
