import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

import { within } from './within.js';

interface Held {
  readonly name: string;
  readonly socket: Socket;
  isGone: boolean;
}

/**
 * Commands of agents and gates that report here and wait until they are let go. A command that is killed is seen to be
 * gone, with everything it started: its connection closes when the last process that holds it has ended.
 */
export class HeldCommands implements AsyncDisposable {
  private readonly commands: Held[] = [];
  private readonly most = new Map<string, number>();
  private readonly waiting = new Set<() => void>();
  private readonly freed = new Set<string>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      createInterface({ input: socket }).once('line', (name) => this.take({ name, socket, isGone: false }));
    });
  }

  static async start(): Promise<HeldCommands> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new HeldCommands(server);
  }

  /** What the service must be started with, so that a command in its sandbox may report. */
  get environment(): Readonly<Record<string, string>> {
    return { EGRESS_PRIVATE_HOSTS: this.address };
  }

  /**
   * The text of a bash command that reports under a name, and ends when `release` lets it go. In a sandbox it goes
   * through the proxy that it is told of.
   */
  script(name: string): string {
    const [, port] = this.address.split(':');
    return [
      'proxy="${http_proxy#http://}"; if [ -n "$proxy" ]; then exec 3<>"/dev/tcp/${proxy%:*}/${proxy#*:}"',
      `printf "CONNECT ${this.address} HTTP/1.1\\r\\nHost: ${this.address}\\r\\n\\r\\n" >&3`,
      'while read -r line <&3 && [ "${#line}" -gt 1 ]; do :; done',
      `else exec 3<>/dev/tcp/127.0.0.1/${port}; fi`,
      `echo ${name} >&3; read -r word <&3`,
    ].join('; ');
  }

  private get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves when so many commands of the name have reported in all. */
  arrived(name: string, nth = 1): Promise<void> {
    return within(
      this.until(() => this.of(name).length >= nth),
      `Command ${name}, number ${nth}`,
    );
  }

  /** Resolves when no command of the name is left. */
  gone(name: string): Promise<void> {
    return within(
      this.until(() => this.of(name).every(({ isGone }) => isGone)),
      `The end of command ${name}`,
    );
  }

  /** Lets every command of the name go on, those to come included. */
  release(name: string): void {
    this.freed.add(name);
    for (const { socket } of this.of(name)) socket.write('go\n');
  }

  /** How many commands of the name there were at once, at most. */
  mostAtOnce(name: string): number {
    return this.most.get(name) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.commands) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(held: Held): void {
    this.commands.push(held);
    held.socket.on('close', () => {
      held.isGone = true;
      this.wake();
    });
    const atOnce = this.of(held.name).filter(({ isGone }) => !isGone).length;
    this.most.set(held.name, Math.max(atOnce, this.mostAtOnce(held.name)));
    if (this.freed.has(held.name)) held.socket.write('go\n');
    this.wake();
  }

  private of(name: string): readonly Held[] {
    return this.commands.filter((held) => held.name === name);
  }

  private async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  private wake(): void {
    for (const resume of this.waiting) resume();
    this.waiting.clear();
  }
}
