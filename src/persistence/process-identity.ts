import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process, in a way that a reused process id does not repeat. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In ticks since the machine's start: field 22 of proc(5) `/proc/<pid>/stat`. Null where there is no such file. */
  readonly startTime: string | null;
  /** Changes with each start of the machine; null where it is not known. */
  readonly bootId: string | null;
  /** In a container its id, mostly. */
  readonly host: string;
}

/** The identity of this very process. */
export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid),
    bootId: readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? null,
    host: hostname(),
  };
}

/** Whether the process is certainly gone, as far as this machine can tell. One of another host never is. */
export function isCertainlyDead(identity: ProcessIdentity, own: ProcessIdentity): boolean {
  if (identity.host !== own.host || identity.bootId === null || identity.startTime === null) return false;
  return identity.bootId !== own.bootId || startTimeOf(identity.pid) !== identity.startTime;
}

/** Reads what `ownIdentity` wrote as JSON elsewhere; undefined for anything else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof given !== 'object' || given === null) return undefined;
  const { pid, startTime = null, bootId = null, host } = given as Record<string, unknown>;
  if (typeof pid !== 'number' || typeof host !== 'string' || !isTextOrNull(startTime) || !isTextOrNull(bootId)) {
    return undefined;
  }
  return { pid, startTime, bootId, host };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function startTimeOf(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field is the program's name in brackets and may hold spaces and brackets itself.
  const fromThirdField = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fromThirdField[19] ?? null;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
