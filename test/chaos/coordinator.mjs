import { spawn } from 'node:child_process';
import { createWriteStream, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What shows that work gets on. */
const STEPS = ['Job moved', 'Run started', 'Gates decided', 'Work published'];
const FAILPOINTS = fileURLToPath(new URL('./failpoints.mjs', import.meta.url));
const SABOTAGE = fileURLToPath(new URL('./sabotage.mjs', import.meta.url));

/** One coordinator of the installation: its data folder and its port, and the process that runs it now, or ran last. */
export class Coordinator {
  port = 0;
  /** Null while none runs. */
  child = null;
  /** Resolves when the process that runs has ended. */
  ended = Promise.resolve();
  isReady = false;
  isPaused = false;
  /** How it ended when nobody had ended it. */
  selfEndings = [];
  isStopping = false;
  /** The issues that it works on. */
  runs = new Set();
  tail = [];
  /** How many steps of work it told of. */
  steps = 0;
  /** Since when it is to come back, by `performance.now`; null when it has. */
  killedAt = null;

  /**
   * @param given `name`, `folder` of the harness, `program`, `environment`, `sabotage`, and `onLine`, which is told of
   *   each line of the log
   */
  constructor(given) {
    this.given = given;
    this.log = createWriteStream(join(given.folder, `${given.name}.log`), { flags: 'a' });
  }

  get name() {
    return this.given.name;
  }

  get address() {
    return `http://127.0.0.1:${this.port}`;
  }

  get canBePosted() {
    return this.isReady && !this.isPaused;
  }

  get planFile() {
    return join(this.given.folder, `${this.name}.plan`);
  }

  /** What it does to itself from now on: see failpoints.mjs. */
  arm(plan) {
    writeFileSync(this.planFile, JSON.stringify(plan));
    // Before it listens to the signal, it would end by it; it reads the file when it starts.
    if (this.isReady) this.signal('SIGUSR2');
  }

  /** @param plan what it does to itself; null for nothing */
  start(plan = null) {
    const { folder, program, environment, sabotage, name } = this.given;
    if (plan === null) rmSync(this.planFile, { force: true });
    else writeFileSync(this.planFile, JSON.stringify(plan));
    const argv = ['--import', FAILPOINTS];
    if (sabotage !== null) argv.push('--import', SABOTAGE);
    const child = spawn(process.execPath, [...argv, program], {
      env: {
        ...environment,
        PORT: String(this.port),
        DATA_FOLDER: join(folder, name),
        MOSAIC_CHAOS_FOLDER: folder,
        MOSAIC_CHAOS_PROGRAM: program,
        MOSAIC_CHAOS_PLAN: this.planFile,
        ...(sabotage !== null && { MOSAIC_CHAOS_SABOTAGE: sabotage }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.runs.clear();
    this.isReady = false;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (text) => this.take(child, text));
    }
    this.ended = new Promise((done) =>
      child.once('close', (code, signal) => {
        if (this.child === child) {
          this.child = null;
          this.isReady = false;
        }
        // Nobody but the harness ends it, and only by SIGKILL or when it asks.
        if (signal !== 'SIGKILL' && !this.isStopping) {
          const how = code === null ? signal : `code ${code}`;
          this.selfEndings.push(`${this.name} ended with ${how}: ${this.tail.join(' | ')}`);
        }
        done({ code, signal });
      }),
    );
  }

  signal(name) {
    this.child?.kill(name);
  }

  async kill() {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** Asks it to end, and ends it when it does not within this time. */
  async stop(withinMs) {
    this.isStopping = true;
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), withinMs);
    const ending = await this.ended;
    clearTimeout(late);
    return ending;
  }

  closeLog() {
    return new Promise((done) => this.log.end(done));
  }

  take(child, text) {
    this.log.write(`${text}\n`);
    this.tail = [...this.tail.slice(-4), text.slice(0, 400)];
    if (!text.startsWith('{') || this.child !== child) return;
    const line = JSON.parse(text);
    if (line.message === 'Service is ready') {
      this.port = Number(new URL(line.address).port);
      this.isReady = true;
    }
    if (STEPS.includes(line.message)) this.steps += 1;
    if (line.message === 'Run started') this.runs.add(line.issue);
    if (line.message === 'Run ended') this.runs.delete(line.issue);
    this.given.onLine(this, line);
  }
}
