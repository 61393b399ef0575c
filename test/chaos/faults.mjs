import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes that Gitea does and does not answer, or does not do at all. */
const WRITES = [
  ['POST', /\/pulls$/],
  ['PATCH', /\/pulls\/\d+$/],
  ['POST', /\/issues\/\d+\/comments$/],
  ['PATCH', /\/issues\/comments\/\d+$/],
  ['POST', /\/issues\/\d+\/labels$/],
  ['POST', /\/statuses\//],
  ['POST', /\/dependencies$/],
  ['POST', /\/git-receive-pack$/],
];
const CLOCKS_MS = [3_600_000, -3_600_000, 90_000, -90_000, 86_400_000, 0];

/** Chooses where the next coordinator dies or stops: at commit points, before or after, where none did, if it meets one. */
export class PointPlan {
  /** Place to how often it happened there. */
  met = new Map();

  /**
   * @param given `folder`, `random`, `signal`, and `aim`: an expression that places must fit where one does, null for
   *   any
   */
  constructor(given) {
    Object.assign(this, given);
  }

  next() {
    const { random, signal, aim } = this;
    this.learn();
    const places = this.places.filter((place) => aim === null || aim.test(place));
    const unmet = places.filter((place) => !this.met.has(place));
    const open = unmet.length > 0 ? unmet : places;
    if (open.length === 0 || (aim === null && random.chance(0.2)))
      return { signal, open: null, nth: random.between(1, 60) };
    return { signal, open, nth: random.chance(0.8) ? 1 : random.between(2, 3) };
  }

  /** Counts what the coordinators wrote of it. */
  learn() {
    this.met = new Map();
    for (const place of linesOf(join(this.folder, `${this.signal}.log`))) {
      this.met.set(place, (this.met.get(place) ?? 0) + 1);
    }
  }

  /** Before and after every commit point that any coordinator came by. */
  get places() {
    const points = [...new Set(linesOf(join(this.folder, 'points.log')))];
    points.sort((one, other) => one.localeCompare(other));
    return points.flatMap((point) => [`before ${point}`, `after ${point}`]);
  }
}

/** Whether a process is stopped by a signal, as its state in /proc says. */
export function isStopped(pid) {
  try {
    return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Lets a write at Gitea be done and its answer be lost, or not be done. */
export function failSomeWrite(gitea, random) {
  const [method, path] = random.pick(WRITES);
  const kind = random.chance(0.7) ? 'done-but-timed-out' : 'reset';
  return gitea.faults.add({ kind, method, path });
}

/** Sets the wall clock of every coordinator wrong, by so many milliseconds. */
export function setClock(folder, offsetMs) {
  writeFileSync(join(folder, 'clock'), String(offsetMs));
}

export function someClock(random) {
  return random.pick(CLOCKS_MS);
}

function linesOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}
