// How fast deliveries are taken in, compared with the least that could be done.
//
//   node bench/intake.mjs [folder of the built code]
//
// 1. As fast as 16 connections can: the floor and the service in turn, so that both see the same noise of the machine.
// 2. At 500 deliveries a second, whether answers come or not: how long each waits, from the moment it was due.
import { fork } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = resolve(process.argv[2] ?? join(here, '../dist'));

const SECRET = 'a secret for measuring with';
const CONNECTIONS = 16;
const ROUNDS = 3;
/** Until the code is compiled: so many requests, or so long. */
const WARM_UP_REQUESTS = 3_000;
const WARM_UP_MS = 6_000;
const ROUND_MS = 1_500;
const OPEN_LOOP_MS = 10_000;
const OPEN_LOOP_RATE = 500;
const SHORTEST = 9_000;
const LONGEST = 20_000;

/** Requests but for the delivery's id: signed beforehand, so that the measuring costs little of the shared machine. */
async function makeRequests(port) {
  const recorded = await readFile(join(here, '../test/fixtures/deliveries/gitea-1.27-assigned.json'), 'utf8');
  return Array.from({ length: 64 }, (_, at) => {
    const event = JSON.parse(recorded);
    const length = SHORTEST + Math.floor(((LONGEST - SHORTEST) * at) / 63);
    event.issue.body += 'All work and no play. '.repeat(Math.ceil(length / 22));
    const bytes = Buffer.from(shortenedTo(event, length));
    const digest = createHmac('sha256', SECRET).update(bytes).digest('hex');
    const head =
      `POST /webhook/gitea HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: Go-http-client/1.1\r\n` +
      'Content-Type: application/json\r\nX-Gitea-Event: issues\r\nX-Gitea-Event-Type: issue_assign\r\n' +
      'X-Gogs-Event: issues\r\nX-Gogs-Event-Type: issue_assign\r\nX-GitHub-Event: issues\r\n' +
      `X-Gitea-Signature: ${digest}\r\nX-Gogs-Signature: ${digest}\r\nX-Hub-Signature-256: sha256=${digest}\r\n` +
      `Accept-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\nX-Gitea-Delivery: `;
    return { head, bytes };
  });
}

/** The event as text of that many bytes, its issue's body cut to fit. */
function shortenedTo(event, length) {
  const surplus = Buffer.byteLength(JSON.stringify(event, undefined, 2)) - length;
  event.issue.body = event.issue.body.slice(0, -surplus);
  return JSON.stringify(event, undefined, 2);
}

/** One connection that stays open and carries one request at a time. */
class Connection {
  constructor(port) {
    this.socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    this.received = '';
    this.socket.on('data', (text) => {
      this.received += text;
      const body = this.received.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: (\d+)/i.exec(this.received)?.[1]);
      if (body < 4 || this.received.length < body + length) return;
      const accepted = this.received.startsWith('HTTP/1.1 200 ') && this.received.includes('"accepted"');
      this.received = '';
      this.settle(accepted);
    });
    this.socket.on('error', () => this.settle?.(false));
    this.socket.on('close', () => this.settle?.(false));
  }

  /** Whether the request was answered 200, accepted. */
  send({ head, bytes }) {
    this.socket.cork();
    this.socket.write(`${head}${randomUUID()}\r\n\r\n`, 'latin1');
    this.socket.write(bytes);
    this.socket.uncork();
    return new Promise((settle) => (this.settle = settle));
  }

  close() {
    this.settle = undefined;
    this.socket.destroy();
  }
}

async function startServer(file) {
  const dataFolder = await mkdtemp(join(tmpdir(), 'mosaic-bench-intake-'));
  const child = fork(join(here, file), [dist, dataFolder, SECRET], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${file} did not start`))),
  ]);
  return {
    child,
    dataFolder,
    requests: await makeRequests(port),
    port,
    accepted: 0,
    rates: [],
    times: [],
    cpu: [],
    errors: 0,
  };
}

/** Ends the server and says how many deliveries its database holds. */
async function stopServer({ child, dataFolder }) {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
  const { openDatabase } = await import(`${dist}/persistence/index.js`);
  const database = await openDatabase({ dataFolder });
  const { stored } = await database.queries
    .selectFrom('deliveries')
    .select(({ fn }) => fn.countAll().as('stored'))
    .executeTakeFirstOrThrow();
  await database.close();
  await rm(dataFolder, { recursive: true });
  return Number(stored);
}

/** Microseconds of processor time that the server has used. */
async function cpuOf({ child }) {
  child.send('cpu');
  const [used] = await once(child, 'message');
  return used;
}

/** Sends as fast as answers come. Returns the time each took, in milliseconds. */
async function closedLoop(server, forMs, atMost = Infinity) {
  const until = performance.now() + forMs;
  const times = [];
  const started = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const connection = new Connection(server.port);
      while (performance.now() < until && next < atMost) {
        const before = performance.now();
        const accepted = await connection.send(server.requests[next++ % server.requests.length]);
        times.push(performance.now() - before);
        if (accepted) server.accepted += 1;
        else server.errors += 1;
      }
      connection.close();
    }),
  );
  return { times, rate: (times.length * 1_000) / (performance.now() - started) };
}

/** Sends at a fixed rate. The time of each counts from when it was due, so a server that stalls cannot hide it. */
async function openLoop(server) {
  const idle = Array.from({ length: CONNECTIONS }, () => new Connection(server.port));
  const due = [];
  const times = [];
  const total = (OPEN_LOOP_RATE * OPEN_LOOP_MS) / 1_000;
  const started = performance.now();
  let asked = 0;

  const sendDue = async (connection) => {
    while (due.length > 0) {
      const { at, request } = due.shift();
      const accepted = await connection.send(request);
      times.push(performance.now() - at);
      if (accepted) server.accepted += 1;
      else server.errors += 1;
    }
    idle.push(connection);
  };
  await new Promise((resolveAll) => {
    const timer = setInterval(() => {
      const shouldHaveAsked = Math.min(total, ((performance.now() - started) * OPEN_LOOP_RATE) / 1_000);
      for (; asked < shouldHaveAsked; asked += 1) {
        due.push({
          at: started + (asked * 1_000) / OPEN_LOOP_RATE,
          request: server.requests[asked % server.requests.length],
        });
      }
      while (due.length > 0 && idle.length > 0) void sendDue(idle.pop());
      if (times.length < total) return;
      clearInterval(timer);
      resolveAll();
    }, 1);
  });
  for (const connection of idle) connection.close();
  return times;
}

function quantile(times, share) {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function median(values) {
  return quantile(values, 0.5);
}

function inMs(value) {
  return `${value.toFixed(1)} ms`.padStart(9);
}

const floor = await startServer('intake-floor.mjs');
const service = await startServer('intake-service.mjs');
for (const server of [floor, service]) await closedLoop(server, WARM_UP_MS, WARM_UP_REQUESTS);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const server of [floor, service]) {
    const before = await cpuOf(server);
    const { times, rate } = await closedLoop(server, ROUND_MS);
    server.cpu.push(((await cpuOf(server)) - before) / times.length);
    server.rates.push(rate);
    server.times.push(...times);
  }
}
const open = await openLoop(service);

console.log(`Intake: ${SHORTEST / 1_000} to ${LONGEST / 1_000} kB, ${CONNECTIONS} connections, kept alive`);
console.log(`Node ${process.versions.node}, ${availableParallelism()} CPUs, shared with the sender\n`);
for (const [name, server] of Object.entries({ floor, service })) {
  const rate = Math.round(median(server.rates)).toLocaleString('en').padStart(7);
  const spread = server.rates.map((each) => Math.round(each).toLocaleString('en')).join(', ');
  console.log(
    `${name.padEnd(8)}${rate}/s  p50 ${inMs(quantile(server.times, 0.5))}  p99 ${inMs(quantile(server.times, 0.99))}  ` +
      `processor ${Math.round(median(server.cpu))} us each  errors ${server.errors}  (rounds: ${spread})`,
  );
}
const ratio = median(service.rates) / median(floor.rates);
const p99 = quantile(open, 0.99);
console.log(`ratio   ${ratio.toFixed(2).padStart(7)}    goal: at least 0.40: ${ratio >= 0.4 ? 'met' : 'MISSED'}\n`);
console.log(
  `at ${OPEN_LOOP_RATE}/s, from the moment due:  p50 ${inMs(quantile(open, 0.5))}  p99 ${inMs(p99)}  ` +
    `max ${inMs(quantile(open, 1))}   goal: p99 under 250 ms: ${p99 < 250 ? 'met' : 'MISSED'}`,
);
for (const [name, server] of Object.entries({ floor, service })) {
  const stored = await stopServer(server);
  console.log(`${name}: ${server.accepted} answered accepted, ${stored} found in its database afterwards`);
  if (server.errors > 0 || stored !== server.accepted) process.exitCode = 1;
}
