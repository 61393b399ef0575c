import { spawn } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const OWNER = 'acme';
const REPOSITORY = 'tools';
const BOT = 'mosaic';
const PERSON = 'ada';
const BODY = `## Objective
Make the answer right, in the one file that has something to do with it.
## Context Estimate
- Total estimated: 20,000 tokens
## Difficulty
easy
## Acceptance Criteria
- [ ] the answer is right
`;

/** Gitea and a model that never answers, in the process of the benchmark. */
export class Surroundings {
  /** Called when an agent asks its model. */
  asked = () => undefined;

  static async start(dist) {
    const { FakeGitea, ScriptedModelServer } = await import(`${dist}/testing/index.js`);
    const around = new Surroundings();
    const secret = () => randomBytes(16).toString('hex');
    around.secrets = { webhook: secret(), model: secret() };
    around.gitea = await FakeGitea.start({ users: [PERSON, BOT] });
    await around.gitea.createRepository({
      owner: OWNER,
      name: REPOSITORY,
      files: { 'README.md': '# tools\n' },
      collaborators: { [BOT]: 'write', [PERSON]: 'admin' },
    });
    // Never called: deliveries are taken from the fake before it sends them.
    around.gitea.createHook(
      { owner: OWNER, repo: REPOSITORY },
      { url: 'http://127.0.0.1:9/', secret: around.secrets.webhook, events: ['issues', 'issue_assign'] },
    );
    around.gitea.holdDeliveries();
    const reply = () => {
      around.asked(performance.now());
      return new Promise(() => undefined);
    };
    around.model = new ScriptedModelServer({
      apiKey: around.secrets.model,
      rules: [{ name: 'thinks', when: () => true, reply }],
    });
    around.environment = {
      PATH: process.env.PATH,
      ...(process.env.ALLOW_UNSANDBOXED_AGENT && { ALLOW_UNSANDBOXED_AGENT: process.env.ALLOW_UNSANDBOXED_AGENT }),
      GITEA_WEBHOOK_SECRET: around.secrets.webhook,
      GITEA_URL: around.gitea.url,
      GITEA_TOKEN: around.gitea.createToken(BOT),
      GITEA_BOT_NAME: BOT,
      ANTHROPIC_API_KEY: around.secrets.model,
      ANTHROPIC_BASE_URL: await around.model.start(),
      HOST: '127.0.0.1',
      PORT: '0',
    };
    return around;
  }

  /** Opens an issue. Returns what assigns it to the bot and takes it away again, each with the delivery it makes. */
  openIssue() {
    const { gitea } = this;
    const ref = gitea.openIssue(
      { owner: OWNER, repo: REPOSITORY },
      { title: 'Make it right', body: BODY },
      { by: PERSON },
    );
    this.takeDelivery();
    const by = { by: PERSON };
    return {
      name: `${OWNER}/${REPOSITORY}#${ref.number}`,
      assign: () => (gitea.assign(ref, [BOT], by), this.takeDelivery()),
      unassign: () => (gitea.unassign(ref, [BOT], by), this.takeDelivery()),
    };
  }

  /** The newest delivery, signed, and none is sent by the fake itself. */
  takeDelivery() {
    let newest;
    this.gitea.releaseDeliveries((held) => {
      newest = held.at(-1);
      return [];
    });
    this.gitea.holdDeliveries();
    if (newest === undefined) return undefined;
    const { body, event, eventType } = newest;
    const signature = createHmac('sha256', this.secrets.webhook).update(body).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-gitea-delivery': randomUUID(),
      'x-gitea-event': event,
      'x-gitea-event-type': eventType,
      'x-gitea-signature': signature,
    };
    return { headers, body };
  }

  async close() {
    await Promise.all([this.gitea.close(), this.model.stop()]);
  }
}

/** The built service in a process of its own. */
export class Service {
  waiting = [];
  leads = false;

  /** Resolves when it listens. */
  static async start({ dist, environment, dataFolder, databaseUrl }) {
    const service = new Service();
    service.began = performance.now();
    service.child = spawn(process.execPath, [join(dist, 'main.js')], {
      env: { ...environment, DATA_FOLDER: dataFolder, ...(databaseUrl !== null && { DATABASE_URL: databaseUrl }) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: service.child.stdout }).on('line', (text) => service.hear(text));
    service.ended = new Promise((done) => service.child.once('close', done));
    const { address, at } = await Promise.race([
      service.line('Service is ready'),
      service.ended.then((code) => Promise.reject(new Error(`The service ended with ${code}`))),
    ]);
    service.address = address;
    service.readyMs = at - service.began;
    return service;
  }

  /** Resolves with the next such line of the log, and when it was read. */
  line(message, fits = () => true) {
    return new Promise((done) => this.waiting.push({ message, fits, done }));
  }

  hear(text) {
    const at = performance.now();
    const line = JSON.parse(text);
    if (line.message === 'Lead changed') this.leads = line.leads;
    const heard = this.waiting.filter(({ message, fits }) => message === line.message && fits(line));
    this.waiting = this.waiting.filter((one) => !heard.includes(one));
    for (const { done } of heard) done({ ...line, at });
  }

  /** Posts a delivery. Resolves when it was answered *accepted*. */
  deliver({ headers, body }) {
    return this.ask('/webhook/gitea', { method: 'POST', headers }, body).then(({ status, text }) => {
      if (status !== 200 || JSON.parse(text).status !== 'accepted') throw new Error(`Refused: ${status} ${text}`);
    });
  }

  ask(path, options = {}, body) {
    return new Promise((resolve, reject) => {
      const sent = request(`${this.address}${path}`, { agent: false, ...options }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => (text += part));
        response.on('error', reject).on('end', () => resolve({ status: response.statusCode, text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async end(signal = 'SIGTERM') {
    this.child.kill(signal);
    await this.ended;
  }
}
