// What processes take of the machine, as /proc tells it: proc(5).
import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks a second in /proc/<pid>/stat: USER_HZ, 100 on every Linux this runs on. */
const TICKS_PER_SECOND = 100;

/** The fields of /proc/<pid>/stat after the name, which may hold spaces and parentheses itself. */
function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function attempt(read) {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Seconds of processor time a process has used. */
export function processorSeconds(pid) {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** What all processes below one take, with what they share counted once. */
export function megabytesBelow(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const fields = attempt(() => statOf(name));
    if (fields !== null) parents.set(Number(name), Number(fields[1]));
  }
  const isBelow = (one) => one !== undefined && (parents.get(one) === pid || isBelow(parents.get(one)));
  const shares = [...parents.keys()].filter(isBelow).map((one) => {
    const rollup = attempt(() => readFileSync(`/proc/${one}/smaps_rollup`, 'utf8')) ?? '';
    return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
  });
  return { processes: shares.length, megabytes: shares.reduce((sum, share) => sum + share, 0) };
}

export function availableMegabytes() {
  return Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))[1]) / 1024;
}

export function median(samples) {
  return [...samples].sort((a, b) => a - b)[Math.floor((samples.length - 1) / 2)];
}
