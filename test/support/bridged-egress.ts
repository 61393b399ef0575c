import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import type { ConfinedProgram, ConfinedStart, Sandbox } from '../../src/command-runner/index.js';
import type { Egress, EgressGate, EgressGateSpec } from '../../src/egress/index.js';

/**
 * A way out whose address is served by this process, for programs that run without a sandbox: what the bridge does
 * inside one. It confines nothing.
 */
export class BridgedEgress implements Egress, Sandbox {
  private readonly addresses = new Map<string, string>();
  private readonly servers = new Set<Server>();

  constructor(private readonly egress: Egress) {}

  async open(spec: EgressGateSpec): Promise<EgressGate> {
    const gate = await this.egress.open(spec);
    const server = createServer((from) => {
      const to = connect(gate.socket);
      for (const end of [from, to]) end.on('error', () => [from, to].map((other) => other.destroy()));
      from.pipe(to).pipe(from);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.servers.add(server);
    this.addresses.set(gate.socket, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return {
      ...gate,
      close: async () => {
        await gate.close();
        server.close();
        this.servers.delete(server);
      },
    };
  }

  confine({ argv, confinement: { network } }: ConfinedProgram): ConfinedStart {
    const address = this.addresses.get(network?.socket ?? '') ?? '';
    const variables = Object.entries(network?.environment ?? {}).map(
      ([name, value]) => `${name}=${value.replaceAll('{address}', address)}`,
    );
    return { argv: ['/usr/bin/env', ...variables, ...argv], ownProcesses: 0, hasNamespace: false, limits: null };
  }

  close(): void {
    for (const server of this.servers) server.close();
  }
}
