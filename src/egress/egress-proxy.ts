import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../kernel/index.js';
import { EgressSocketError, InvalidModelRouteError } from './egress.errors.js';
import type { EgressOptions } from './egress.options.js';
import type { Egress, EgressGate, EgressGateSpec, ModelRoute } from './egress.types.js';
import { GateServer } from './gate-server.js';
import { removeLeftFolders } from './remove-left-folders.js';

/** What fits into `sun_path` of every system (104 bytes on macOS, 108 on Linux), with its closing zero. */
const LONGEST_SOCKET_PATH = { darwin: 103, other: 107 };
const FOLDER_PREFIX = 'mosaic-egress-';
const HEADER_VALUE = /^[\x21-\x7e]+$/;

/** Opens gates on Unix sockets, in a folder that is this user's alone. */
export class EgressProxy implements Egress {
  private readonly gates = new Set<EgressGate>();
  private folder: Promise<string> | null = null;
  private opened = 0;

  constructor(private readonly options: EgressOptions) {}

  /**
   * @throws {EgressSocketError} if the socket cannot be made
   * @throws {InvalidModelRouteError} if the model's address or key is none
   */
  async open(spec: EgressGateSpec): Promise<EgressGate> {
    if (spec.model !== null) checkRoute(spec.model);
    const token = `gate-${this.options.randomness.uuid()}`;
    const server = new GateServer(spec, token, this.options);
    const socket = await this.listen(server);
    let closing: Promise<void> | null = null;
    const gate: EgressGate = {
      socket,
      token,
      close: () => {
        this.gates.delete(gate);
        closing ??= server.close();
        return closing;
      },
    };
    this.gates.add(gate);
    return gate;
  }

  /** Closes every gate and removes the folder. Gates can be opened again after it. */
  async close(): Promise<void> {
    await Promise.all([...this.gates].map((gate) => gate.close()));
    const folder = await this.folder?.catch(() => null);
    this.folder = null;
    if (typeof folder === 'string') await rm(folder, { recursive: true, force: true });
  }

  private async listen(server: GateServer): Promise<string> {
    try {
      const folder = await this.presentFolder();
      this.opened += 1;
      const socket = join(folder, `${this.opened}.sock`);
      const longest = process.platform === 'darwin' ? LONGEST_SOCKET_PATH.darwin : LONGEST_SOCKET_PATH.other;
      if (Buffer.byteLength(socket) > longest) {
        throw new Error(`${socket} is longer than the ${longest} bytes that the path of a Unix socket may have`);
      }
      await server.listen(socket);
      return socket;
    } catch (error) {
      throw new EgressSocketError(
        `No socket for a sandbox's way out can be made: ${messageOf(error)}. Use a short directory that can be written`,
        { cause: error },
      );
    }
  }

  /** Where the sockets lie, made anew where somebody has tidied it away. */
  private async presentFolder(): Promise<string> {
    const known = this.folder;
    if (known !== null && !existsSync(await known) && this.folder === known) this.folder = null;
    this.folder ??= this.makeFolder();
    return this.folder;
  }

  private async makeFolder(): Promise<string> {
    const { directory } = this.options;
    try {
      await mkdir(directory, { recursive: true });
      await removeLeftFolders(directory, FOLDER_PREFIX);
      // For this user alone: mkdtemp makes it 0700.
      return await mkdtemp(join(directory, FOLDER_PREFIX));
    } catch (error) {
      // What is in the way may be gone when the next gate is opened.
      this.folder = null;
      throw error;
    }
  }
}

function checkRoute({ baseUrl, apiKey, model }: ModelRoute): void {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const isUsable = url !== null && /^https?:$/.test(url.protocol) && !url.search && !url.hash;
  if (!isUsable || url.username || url.password) {
    throw new InvalidModelRouteError(
      'Expected the address of the model, such as https://api.anthropic.com, without a query, user or password',
    );
  }
  if (apiKey !== null && !HEADER_VALUE.test(apiKey)) {
    throw new InvalidModelRouteError('The key of the model has spaces or characters that cannot stand in a header');
  }
  if (model === '') throw new InvalidModelRouteError('Expected the name of the model, got none');
}
