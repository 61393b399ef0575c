import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { account } from './account.mjs';
import { Coordinator } from './coordinator.mjs';
import { Courier } from './courier.mjs';
import { EmbeddedStore } from './embedded-store.mjs';
import { PointPlan, failSomeWrite, isStopped, setClock, someClock } from './faults.mjs';
import { SeededRandom } from './random.mjs';
import { World } from './world.mjs';

const NAMES = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const LEASE_MS = 5_000;
const LOOK_MS = 50;
/** A coordinator lives until so much of its work was done, or this long. */
const MOST_STEPS = 12;
const LIFE_MS = 20_000;
/** One that is to die at a commit point meets it by then, or dies elsewhere. */
const POINT_WITHIN_MS = 8_000;
const STOP_WITHIN_MS = 2_000;
/** So many issues are under way at once. */
const AT_ONCE = 14;
/** A coordinator that is not ready by then is not coming back. */
const READY_WITHIN_MS = 60_000;
/** After the last fault: nothing moving for so long is the end. */
const STILL_MS = 45_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** One run of the harness, from an empty folder to its account. */
export class ChaosRun {
  kills = 0;
  /** Null once a run began after it. */
  lastKillAt = null;
  pauses = 0;
  clockJumps = 0;
  lostAnswers = [];
  databaseKills = 0;
  /** Milliseconds from a kill to readiness, and to the next step that somebody's run took. */
  toReady = [];
  toStart = [];
  phase = 'starting';
  moved = 0;
  movedAt = performance.now();
  clockMs = 0;

  constructor(options) {
    this.options = options;
    /** What is to be reached; less when the time for faults is over. */
    this.goal = { issues: options.issues, deliveries: options.deliveries };
    this.random = new SeededRandom(options.seed);
    this.folder = mkdtempSync(join(tmpdir(), 'mosaic-chaos-'));
    mkdirSync(join(this.folder, 'locks'));
    this.began = performance.now();
    this.deadline = this.began + options.minutes * 60_000;
    const { folder } = this;
    const plan = (signal, seed) => new PointPlan({ folder, signal, random: new SeededRandom(seed), aim: options.aim });
    this.killPlan = plan('SIGKILL', options.seed + 1);
    this.stopPlan = plan('SIGSTOP', options.seed + 3);
  }

  async play(show) {
    try {
      await this.prepare();
      const showing = setInterval(() => show(this.progress()), 1_000);
      try {
        for (const one of this.coordinators) one.start();
        await this.untilReady(this.coordinators[0]);
        if (!this.coordinators[0].isReady)
          throw new Error(`It does not start: ${this.coordinators[0].tail.join('\n')}`);
        const talking = this.talk();
        // It is awaited below; until then it must not end the harness.
        talking.catch(() => undefined);
        await this.harm();
        this.phase = 'drain';
        await Promise.race([talking, this.untilStill()]);
        await this.untilSettled();
        this.isOver = true;
        await talking;
        this.phase = 'stopping';
        for (const one of this.coordinators) await one.stop(20_000);
      } finally {
        clearInterval(showing);
        this.isOver = true;
      }
      return await this.conclude();
    } finally {
      await this.tidy();
    }
  }

  async prepare() {
    const { options, folder, random } = this;
    this.store = await this.openStore();
    this.world = await World.start(options.program, {
      folder,
      workMs: options.workMs,
      longShare: options.longShare,
      random: new SeededRandom(options.seed + 2),
      send: (delivery, id) => this.courier.take(delivery, id),
    });
    this.coordinators = NAMES.slice(0, options.replicas).map(
      (name) =>
        new Coordinator({
          name,
          folder,
          program: options.program,
          sabotage: options.sabotage,
          environment: this.environment(),
          onLine: (coordinator, line) => this.hear(coordinator, line),
        }),
    );
    this.courier = new Courier({ coordinators: this.coordinators, random, secret: this.world.secrets.webhook });
  }

  async openStore() {
    if (this.options.store === 'embedded') return EmbeddedStore.start(this.options.program, this.folder);
    const { PostgresStore } = await import('./postgres-store.mjs');
    return PostgresStore.start(this.options.program, this.folder);
  }

  environment() {
    const { world, folder, store } = this;
    const profiles = join(folder, 'profiles.yml');
    writeFileSync(
      profiles,
      `profiles:
  - name: worker
    model: scripted
    baseUrl: ${world.modelUrl}
    apiKeyEnv: ANTHROPIC_API_KEY
    windowTokens: 200000
    difficultyUpTo: hard
    selfHosted: true
    maxConcurrent: 8
`,
    );
    return {
      PATH: process.env['PATH'],
      GITEA_WEBHOOK_SECRET: world.secrets.webhook,
      GITEA_URL: world.gitea.url,
      GITEA_TOKEN: world.token,
      GITEA_BOT_NAME: 'mosaic',
      ANTHROPIC_API_KEY: world.secrets.model,
      ANTHROPIC_BASE_URL: world.modelUrl,
      AGENT_PROFILES_FILE: profiles,
      API_TOKEN: world.secrets.api,
      HOST: '127.0.0.1',
      ALLOW_UNSANDBOXED_AGENT: 'true',
      MAX_RUNNING: '4',
      MAX_RUNNING_PER_REPOSITORY: '2',
      // Being cut off again and again is what hands a job to a person.
      MAX_FAILURES: '100',
      MAX_TURNS: '1000',
      MAX_REJECTIONS: '100',
      MAX_ROUNDS_WITHOUT_PROGRESS: '100',
      LEASE_SECONDS: String(LEASE_MS / 1_000),
      LOOP_INTERVAL_SECONDS: '1',
      SWEEP_INTERVAL_SECONDS: '5',
      SHUTDOWN_GRACE_SECONDS: '5',
      LOG_LEVEL: 'info',
      ...store.environment,
    };
  }

  hear(coordinator, line) {
    const now = performance.now();
    if (line.message === 'Service is ready' && coordinator.killedAt !== null) {
      this.toReady.push(now - coordinator.killedAt);
      coordinator.killedAt = null;
    }
    if (line.message === 'Run started') {
      if (this.lastKillAt !== null) this.toStart.push(now - this.lastKillAt);
      this.lastKillAt = null;
    }
    if (line.message === 'Job moved') {
      this.moved += 1;
      this.movedAt = now;
    }
  }

  /** Issues come, people talk about them and merge what is done, until everything that was asked for was accepted. */
  async talk() {
    const { options, world, courier, random } = this;
    let counted = 0;
    while (!this.isOver) {
      const share = options.kills + options.databaseKills === 0 ? 1 : this.share;
      const mayOpen = Math.ceil(this.goal.issues * Math.min(1, share + 0.05)) + 4;
      if (world.issues.size < Math.min(this.goal.issues, mayOpen) && world.unfinished.length < AT_ONCE) world.open();
      const isLast = this.phase === 'drain';
      const mayBe = isLast ? this.goal.deliveries : this.goal.deliveries * share * 0.95 + 50;
      for (let few = 0; few < 10 && courier.waiting.length < 20; few += 1) {
        if (courier.accepted.size + courier.answers.duplicate + courier.waiting.length >= mayBe) break;
        world.chatter();
      }
      await world.review();
      world.flush();
      if (counted !== courier.accepted.size) this.movedAt = performance.now();
      counted = courier.accepted.size;
      if (isLast && world.issues.size >= this.goal.issues && world.unfinished.length === 0 && courier.isIdle) {
        if (courier.accepted.size + courier.answers.duplicate >= this.goal.deliveries) return;
      }
      if (performance.now() > this.deadline) return;
      await pause(random.between(5, LOOK_MS));
    }
  }

  get share() {
    const { kills, databaseKills } = this.options;
    return (this.kills + this.databaseKills) / (kills + databaseKills);
  }

  /** Faults, one after the other, until all that were asked for were done, or the time for them is over. */
  async harm() {
    const { random, world } = this;
    const { options } = this;
    const isEnough = () =>
      this.isLate || (options.seconds !== null && performance.now() - this.began > options.seconds * 1_000);
    this.phase = 'harm';
    const plannedPauses = options.pauses ?? Math.max(1, Math.round(options.kills / 20));
    while (!isEnough() && (this.kills < options.kills || this.databaseKills < options.databaseKills)) {
      if (random.chance(0.5)) this.lostAnswers.push(failSomeWrite(world.gitea, random));
      if (random.chance(0.2)) this.jump(someClock(random));
      if (this.pauses < plannedPauses * this.share && random.chance(0.5)) await this.freeze();
      if (this.databaseKills < options.databaseKills * this.share && random.chance(0.5)) await this.killDatabase();
      else if (this.kills < options.kills) await this.killOne(random.pick(this.coordinators));
      else await this.killDatabase();
    }
    while (!isEnough() && this.pauses < plannedPauses) await this.freeze();
    if (isEnough()) this.goal = { issues: world.issues.size, deliveries: 0 };
    world.gitea.faults.clear();
  }

  get isLate() {
    return performance.now() > this.deadline;
  }

  jump(offsetMs) {
    if (offsetMs !== this.clockMs) this.clockJumps += 1;
    this.clockMs = offsetMs;
    setClock(this.folder, offsetMs);
  }

  /** One coordinator dies: at a commit point, at any moment, or while it starts. */
  async killOne(coordinator) {
    const { random } = this;
    const roll = random.fraction();
    if (roll < 0.1) {
      await Promise.race([coordinator.ended, pause(random.between(0, 900))]);
    } else {
      await this.untilWorked(coordinator, random.between(0, MOST_STEPS));
      if (roll < 0.7 && coordinator.child !== null) {
        coordinator.arm(this.killPlan.next());
        await Promise.race([coordinator.ended, pause(POINT_WITHIN_MS)]);
      }
    }
    await coordinator.kill();
    const at = performance.now();
    coordinator.killedAt ??= at;
    this.kills += 1;
    this.lastKillAt = at;
    if (this.options.replicas > 1 && random.chance(0.4)) await pause(random.between(200, 3_000));
    // Some die while they start.
    const isLast = this.kills >= this.options.kills;
    coordinator.start(!isLast && random.chance(0.1) ? this.killPlan.next() : null);
    if (random.chance(0.5)) await this.untilReady(coordinator);
  }

  /** One that works stands still for longer than its lease lasts, and goes on: at a commit point, or at any moment. */
  async freeze() {
    const late = performance.now() + LIFE_MS;
    const working = () => this.coordinators.filter(({ runs, child }) => child !== null && runs.size > 0);
    while (working().length === 0 && performance.now() < late) await pause(10);
    const coordinator = this.random.pick(working()) ?? this.random.pick(this.coordinators);
    if (!coordinator.isReady) return;
    if (this.random.chance(0.5)) {
      coordinator.arm(this.stopPlan.next());
      const tooLate = performance.now() + STOP_WITHIN_MS;
      while (coordinator.child !== null && !isStopped(coordinator.child.pid) && performance.now() < tooLate)
        await pause(5);
    } else await pause(this.random.between(0, 800));
    if (coordinator.child === null) return;
    coordinator.isPaused = true;
    coordinator.signal('SIGSTOP');
    await pause(LEASE_MS + this.random.between(1_000, 4_000));
    coordinator.signal('SIGCONT');
    coordinator.isPaused = false;
    this.pauses += 1;
    await pause(this.random.between(0, 1_500));
  }

  async killDatabase() {
    await pause(this.random.between(200, 2_500));
    await this.store.kill();
    await pause(this.random.between(0, 1_500));
    await this.store.restart();
    this.databaseKills += 1;
  }

  /** So many more steps were done by anybody, or the coordinator is dead, or it took too long. */
  async untilWorked(coordinator, steps) {
    const goal = this.stepsDone + steps;
    const late = performance.now() + LIFE_MS;
    while (coordinator.child !== null && this.stepsDone < goal && performance.now() < late) await pause(10);
  }

  get stepsDone() {
    return this.coordinators.reduce((sum, { steps }) => sum + steps, 0);
  }

  /** How many deliveries and jobs are not done with; null while the store cannot say. */
  async countOpen() {
    try {
      const [{ open }] = await this.store.query(
        "select (select count(*) from deliveries where settled_at is null) + (select count(*) from jobs where state = 'running') as open",
      );
      return Number(open);
    } catch {
      return null;
    }
  }

  /** Ready, or dead before it was. */
  async untilReady(coordinator) {
    const late = performance.now() + READY_WITHIN_MS;
    while (!coordinator.isReady && coordinator.child !== null) {
      if (performance.now() > late)
        throw new Error(`Coordinator ${coordinator.name} is not ready: ${coordinator.tail.join('\n')}`);
      await pause(20);
    }
  }

  async untilStill() {
    // Whatever died under its plan after the last kill comes back.
    while (!this.isOver && !this.isLate && performance.now() - this.movedAt < STILL_MS) {
      for (const one of this.coordinators) if (one.child === null) one.start();
      await pause(200);
    }
  }

  async untilSettled() {
    const late = Math.min(this.deadline, performance.now() + STILL_MS);
    while (performance.now() < late) {
      if ((await this.countOpen()) === 0) break;
      await pause(200);
    }
    // What is said on issues is said after a job moved.
    await pause(1_500);
  }

  progress() {
    const { kills, courier, world, options, pauses } = this;
    const seconds = Math.round((performance.now() - this.began) / 1_000);
    const database = options.databaseKills > 0 ? `, database kills ${this.databaseKills}/${options.databaseKills}` : '';
    return (
      `${seconds} s ${this.phase}: kills ${kills}/${options.kills}${database}, pauses ${pauses}, ` +
      `accepted ${courier.accepted.size + courier.answers.duplicate}/${this.goal.deliveries}, ` +
      `issues finished ${world.issues.size - world.unfinished.length}/${this.goal.issues}`
    );
  }

  async conclude() {
    const { options, killPlan, stopPlan } = this;
    for (const plan of [killPlan, stopPlan]) plan.learn();
    const timesOf = ({ met }) => [...met.values()].reduce((sum, times) => sum + times, 0);
    const result = await account(this);
    return {
      ...result,
      seed: options.seed,
      store: options.store,
      replicas: options.replicas,
      sabotage: options.sabotage,
      minutes: (performance.now() - this.began) / 60_000,
      faults: {
        kills: this.kills,
        killsAtCommitPoints: timesOf(killPlan),
        commitPoints: killPlan.places.length,
        commitPointsMet: killPlan.met.size,
        pausesAtCommitPoints: timesOf(stopPlan),
        databaseKills: this.databaseKills,
        pauses: this.pauses,
        clockJumps: this.clockJumps,
        answersLost: this.lostAnswers.reduce((sum, fault) => sum + fault.count(), 0),
      },
      recovered: { toReadyMs: quantiles(this.toReady), toStartMs: quantiles(this.toStart) },
      isComplete: !this.isLate,
    };
  }

  async tidy() {
    this.isOver = true;
    this.courier?.close();
    for (const one of this.coordinators ?? []) {
      await one.kill();
      await one.closeLog();
    }
    endProcessesOf(
      this.folder,
      (this.coordinators ?? []).map(({ given }) => join(this.folder, given.name)),
    );
    await this.store?.close();
    await this.world?.close();
    if (!this.options.keep) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function quantiles(list) {
  const sorted = list.toSorted((one, other) => one - other);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { count: sorted.length, p50: at(0.5), max: at(1) };
}

/** What agents left that no coordinator lives to end: found by the folder, or by the mark of a data folder. */
function endProcessesOf(folder, dataFolders) {
  const marks = dataFolders.map((one) => createHash('sha256').update(one).digest('hex').slice(0, 32));
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const environment = readFileSync(`/proc/${entry}/environ`, 'utf8');
      const isOurs = [folder, ...marks].some((mark) => environment.includes(mark));
      if (isOurs) process.kill(Number(entry), 'SIGKILL');
    } catch {
      // It is gone, or another user's.
    }
  }
}
