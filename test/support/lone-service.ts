import { join } from 'node:path';

import { recordedDelivery, signatureHeaders } from './recorded-deliveries.js';
import { PROGRAM, ServiceProcess } from './service-process.js';
import { makeTemporaryFolder } from './temporary-folder.js';

/** Secrets that cannot be mistaken for anything else in a log. */
export const SECRETS = {
  GITEA_WEBHOOK_SECRET: 'whsec-5fb1b1d2c0a94e7e,whsec-7ad0c3fe99120b44',
  ANTHROPIC_API_KEY: 'sk-ant-0c41dd1f3a7755aa',
  API_TOKEN: 'api-token-3e8f1c9d2b6a4075',
  GLM_API_KEY: 'glm-key-91be03f4d7c2a658',
  MINIMAX_API_KEY: 'minimax-key-6a2f8e0b1d9c3745',
} as const;

/** What the hook signs with. */
export const SIGNING_SECRET = 'whsec-5fb1b1d2c0a94e7e';

/** Whether one of the configured secrets stands in a text. */
export function tellsSecret(text: string): boolean {
  return Object.values(SECRETS)
    .flatMap((value) => value.split(','))
    .some((secret) => text.includes(secret));
}

interface Start {
  readonly environment?: Readonly<Record<string, string>>;
  /** The folder of another one, to share or to take over. */
  readonly dataFolder?: string;
  /** Commands of the shell before the program, such as limits. */
  readonly shell?: string;
}

/** What is posted, and how. */
export interface Posted {
  readonly body?: Buffer | string;
  /** Signs these bytes, or the body's; null for none. */
  readonly signed?: Buffer | string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The service with nobody to talk to: its Gitea and its models are addresses where nothing answers. */
export class LoneService implements AsyncDisposable {
  private constructor(
    readonly process: ServiceProcess,
    readonly dataFolder: string,
    private readonly remove: () => void,
  ) {}

  static start({ environment, dataFolder, shell }: Start = {}): LoneService {
    const folder = dataFolder === undefined ? makeTemporaryFolder() : { path: dataFolder, remove: () => undefined };
    const command =
      shell === undefined ? undefined : ['bash', '-c', `${shell}; exec "$0" "$1"`, process.execPath, PROGRAM];
    const started = ServiceProcess.start(
      {
        ...SECRETS,
        // The discard port: nothing listens there.
        GITEA_URL: 'http://127.0.0.1:9',
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
        GITEA_BOT_NAME: 'nobody',
        HOST: '127.0.0.1',
        // These tests run without a sandbox too; where one works, it is used.
        ALLOW_UNSANDBOXED_AGENT: 'true',
        PORT: '0',
        DATA_FOLDER: join(folder.path, 'data'),
        ...environment,
      },
      command,
    );
    return new LoneService(started, folder.path, () => folder.remove());
  }

  /** What a path answers, with a status and its JSON. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`${await this.process.address()}${path}`, { headers });
    return { status: answer.status, body: await answer.json() };
  }

  /** Posts a delivery as Gitea does: an issue that was assigned, unless something else is given. */
  async post({ body = ASSIGNED.bytes, signed = body, headers = {} }: Posted = {}): Promise<{
    status: number;
    body: unknown;
  }> {
    const signature = signed === null ? {} : signatureHeaders('gitea', signed, SIGNING_SECRET);
    const answer = await fetch(`${await this.process.address()}/webhook/gitea`, {
      method: 'POST',
      headers: { ...ASSIGNED.headers, ...signature, ...headers },
      body: new Uint8Array(typeof body === 'string' ? Buffer.from(body) : body),
    });
    return { status: answer.status, body: await answer.json() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    this.remove();
  }
}

export const ASSIGNED = recordedDelivery('gitea-1.27-assigned');
