import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process, in a way that a reused process id does not repeat. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In ticks since the machine's start: field 22 of proc(5) `/proc/<pid>/stat`. Null where there is no such file. */
  readonly startTime: string | null;
  /** Changes with each start of the machine; null where it is not known. */
  readonly bootId: string | null;
  /** Within which its process id means something: pid_namespaces(7). Null where it is not known. */
  readonly pidNamespace: string | null;
  /** In a container its id, mostly. For people: two machines may have one name. */
  readonly host: string;
}

/** The identity of this very process. */
export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid),
    bootId: readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? null,
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
    host: hostname(),
  };
}

/**
 * Whether the process is certainly gone, as far as this one can tell. One of another machine, of another container, or of
 * before the machine's last start never is: its id says nothing here.
 */
export function isCertainlyDead(identity: ProcessIdentity, own: ProcessIdentity): boolean {
  const { pid, startTime, bootId, pidNamespace } = identity;
  if (startTime === null || bootId === null || pidNamespace === null) return false;
  return bootId === own.bootId && pidNamespace === own.pidNamespace && startTimeOf(pid) !== startTime;
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
  const { pid, startTime = null, bootId = null, pidNamespace = null, host } = given as Record<string, unknown>;
  if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
  if (!isTextOrNull(startTime) || !isTextOrNull(bootId) || !isTextOrNull(pidNamespace)) return undefined;
  return { pid, startTime, bootId, pidNamespace, host };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function startTimeOf(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field is the program's name in brackets and may hold spaces and brackets itself.
  const fromThirdField = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // One that has ended stays listed until its parent has asked how.
  if (/^[ZX]$/.test(fromThirdField[0] ?? '')) return null;
  return fromThirdField[19] ?? null;
}

function readOrNull(path: string): string | null {
  return orNull(() => readFileSync(path, 'utf8'));
}

function orNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
