// Loaded into a coordinator before its program (`node --import`): watches every write to the store and every effect
// outside, and kills or stops its own process right before or right after one, as MOSAIC_CHAOS_PLAN tells. Shifts the
// wall clock, and leaves the monotonic one. Nothing of it is in the build.
import childProcess from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const folder = process.env['MOSAIC_CHAOS_FOLDER'];
const program = process.env['MOSAIC_CHAOS_PROGRAM'];
if (!folder || !program) throw new Error('MOSAIC_CHAOS_FOLDER and MOSAIC_CHAOS_PROGRAM are not set');
const planFile = process.env['MOSAIC_CHAOS_PLAN'];
const CLOCK_LOOK_MS = 100;
const LONGEST_NAME = 160;

const seen = new Set();
/** `{ signal, open, nth }`: at the nth of the `open` places (*before x*, *after x*), or of all where that is null. */
let plan = null;

function readPlan() {
  try {
    const { open, ...rest } = JSON.parse(readFileSync(planFile, 'utf8'));
    plan = { ...rest, open: open === null ? null : new Set(open), passed: 0 };
  } catch {
    plan = null;
  }
}

function visit(place) {
  if (plan === null || (plan.open !== null && !plan.open.has(place))) return;
  plan.passed += 1;
  if (plan.passed !== plan.nth) return;
  const { signal } = plan;
  plan = null;
  appendFileSync(join(folder, `${signal}.log`), `${place}\n`);
  process.kill(process.pid, signal);
}

/** Comes by a point, and returns what to call when it was passed. */
function reach(name) {
  const point = name.slice(0, LONGEST_NAME);
  if (!seen.has(point)) {
    seen.add(point);
    appendFileSync(join(folder, 'points.log'), `${point}\n`);
  }
  visit(`before ${point}`);
  return () => visit(`after ${point}`);
}

/** What a statement writes, in a few words; null for one that reads. */
function writeOf(sql) {
  const [, verb, table, rest] =
    /^\s*(insert\s+into|update|delete\s+from)\s+"?([\w.]+)"?([^]*)/i.exec(String(sql)) ?? [];
  if (verb === undefined) return null;
  const columns = /^\s*set\s/i.test(rest) ? [...rest.split(/\swhere\s/i)[0].matchAll(/"?(\w+)"?\s*=/g)] : [];
  const named = columns
    .slice(0, 3)
    .map(([, column]) => column)
    .join(',');
  return `${verb.split(/\s/)[0].toLowerCase()} ${table}${named && `(${named})`}`;
}

/** What the open transaction of a connection wrote; absent where none is open. */
const transactions = new WeakMap();

function reachStatement(connection, sql) {
  const text = String(sql);
  if (/^\s*begin\b/i.test(text)) transactions.set(connection, new Set());
  if (/^\s*rollback\b/i.test(text)) transactions.delete(connection);
  if (/^\s*commit\b/i.test(text)) {
    const writes = [...(transactions.get(connection) ?? [])];
    transactions.delete(connection);
    return writes.length === 0 ? () => undefined : reach(`commit: ${writes.join(' + ')}`);
  }
  const write = writeOf(text);
  if (write === null) return () => undefined;
  transactions.get(connection)?.add(write);
  return reach(`${transactions.has(connection) ? 'write' : 'commit'}: ${write}`);
}

const requireOfProgram = createRequire(program);

/** The driver of the embedded store. */
function watchLibsql() {
  const Database = requireOfProgram('libsql');
  const { prepare, exec } = Database.prototype;
  const watch = (connection, sql, work) => {
    const pass = reachStatement(connection, sql);
    const result = work();
    pass();
    return result;
  };
  Database.prototype.prepare = function prepareWatched(sql, ...rest) {
    const statement = prepare.call(this, sql, ...rest);
    for (const name of ['run', 'all', 'get', 'iterate']) {
      const original = statement[name];
      if (typeof original !== 'function') continue;
      statement[name] = (...values) => watch(this, sql, () => original.apply(statement, values));
    }
    return statement;
  };
  Database.prototype.exec = function execWatched(sql) {
    return watch(this, sql, () => exec.call(this, sql));
  };
}

/** The driver of PostgreSQL: its answers come by promise, by callback, or to a query object. */
function watchPg() {
  const { Client } = requireOfProgram('pg');
  const { query } = Client.prototype;
  Client.prototype.query = function queryWatched(given, ...rest) {
    const pass = reachStatement(this, typeof given === 'string' ? given : given?.text);
    const at = rest.findLastIndex((value) => typeof value === 'function');
    if (at >= 0) {
      const callback = rest[at];
      rest[at] = (...answer) => {
        pass();
        return callback(...answer);
      };
      return query.call(this, given, ...rest);
    }
    const result = query.call(this, given, ...rest);
    if (typeof result?.then !== 'function') return result;
    return result.then((answer) => {
      pass();
      return answer;
    });
  };
}

/** Requests that change something at Gitea. The model's are no effects: they are asked again. */
function watchFetch() {
  const { fetch } = globalThis;
  const gitea = process.env['GITEA_URL'];
  globalThis.fetch = async (input, options = {}) => {
    const url = String(input?.url ?? input);
    const method = options.method ?? 'GET';
    if (method === 'GET' || !url.startsWith(gitea)) return fetch(input, options);
    const path = new URL(url).pathname.replace(/\/repos\/[^/]+\/[^/]+/, '').replace(/\/(?:\d+|[0-9a-f]{40})\b/g, '/*');
    const pass = reach(`effect: ${method} ${path}`);
    const answer = await fetch(input, options);
    pass();
    return answer;
  };
}

/** `git push`, and bubblewrap: without a sandbox nothing but the coordinator itself ends what an agent started. */
function watchSpawn() {
  const { spawn } = childProcess;
  const mayConfine = process.env['MOSAIC_CHAOS_SANDBOX'] === 'true';
  childProcess.spawn = (file, argv, ...rest) => {
    const words = [file, ...(Array.isArray(argv) ? argv : [])];
    if (!mayConfine && words.some((word) => String(word).endsWith('/bwrap'))) {
      return spawn('/nonexistent/bwrap', [], ...rest);
    }
    if (!words.includes('push') || !words.some((word) => /(?:^|\/)git$/.test(String(word)))) {
      return spawn(file, argv, ...rest);
    }
    const pass = reach('effect: git push');
    const child = spawn(file, argv, ...rest);
    child.prependOnceListener('exit', pass);
    return child;
  };
  syncBuiltinESMExports();
}

/** `clock` in the folder holds by how many milliseconds the wall clock is wrong. */
function shiftClock() {
  let offset = 0;
  const look = () => {
    try {
      offset = Number(readFileSync(join(folder, 'clock'), 'utf8')) || 0;
    } catch {
      offset = 0;
    }
  };
  look();
  setInterval(look, CLOCK_LOOK_MS).unref();
  const RealDate = Date;
  const realNow = Date.now;
  globalThis.Date = class Date extends RealDate {
    constructor(...given) {
      if (given.length === 0) super(realNow() + offset);
      else super(...given);
    }
    static now() {
      return realNow() + offset;
    }
  };
}

readPlan();
process.on('SIGUSR2', readPlan);
watchLibsql();
watchPg();
watchFetch();
watchSpawn();
shiftClock();
