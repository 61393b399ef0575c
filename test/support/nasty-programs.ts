import { readFileSync, readdirSync } from 'node:fs';

/**
 * Shell scripts of programs that do not want to end, by what they do. Each writes to the pipe `ready` when it is set,
 * and everything of it that lives sleeps for `seconds`, by which it is recognised.
 */
export function nastyPrograms(seconds: string): Readonly<Record<string, string>> {
  const stay = `while :; do sleep ${seconds}; done`;
  return {
    'traps SIGTERM': `trap '' TERM HUP INT; echo > ready; ${stay}`,
    'leaves its process group and traps SIGTERM': `setsid bash -c "trap '' TERM; echo > ready; ${stay}" & wait`,
    'forks twice, into a session of its own': `(setsid bash -c 'bash -c "echo > ready; sleep ${seconds}" & exit' & ); sleep ${seconds}`,
    'ignores the hang-up': `nohup sleep ${seconds} >/dev/null 2>&1 & nohup setsid sleep ${seconds} & echo > ready; sleep ${seconds}`,
    'is stopped': `sleep ${seconds} & kill -STOP $!; echo > ready; sleep ${seconds}`,
    'hops from process to process': `hop() { setsid bash -c "$(declare -f hop); sleep 0.02; : ${seconds}; hop" & }; hop; echo > ready; sleep ${seconds}`,
  };
}

/** What only a PID namespace holds: it has no mark, no group and no parent by which it could be known. */
export function unrecognisable(seconds: string): string {
  return `(env -i setsid /bin/bash -c "trap '' TERM HUP; echo > ready; while :; do /bin/sleep ${seconds}; done" >/dev/null 2>&1 &); sleep ${seconds}`;
}

/** A number of seconds that no other test sleeps for. */
export function someSeconds(): string {
  return `9${String(Math.random()).slice(2, 10)}`;
}

/** Command lines of what lives and has this in it. Looks in its own way, to share no fault with what it checks. */
export function survivors(seconds: string): readonly string[] {
  const lines = readdirSync('/proc').map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    } catch {
      return '';
    }
  });
  return lines.filter((line) => line.includes(seconds));
}
