import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A script that runs in a process of its own. */
export interface ScriptProcess {
  readonly pid: number;
  /** Everything it has printed, line by line. */
  readonly lines: readonly string[];
  /** Resolves with the next line it prints, or undefined when it ends before. */
  nextLine(): Promise<string | undefined>;
  /** Ends it as a crash would, with no chance to tidy up, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it has ended, with its exit code, or null when it was killed. */
  readonly ended: Promise<number | null>;
}

/** Runs an ES module given as text. Its errors go where the test's go. */
export function startScript(cwd: string, script: string): ScriptProcess {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const closed = once(reader, 'close');
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const ended = Promise.all([exited, closed]).then(([[code]]) => code);
  return {
    pid: child.pid ?? NaN,
    lines,
    nextLine: async () => {
      const count = lines.length;
      await Promise.race([once(reader, 'line'), ended]);
      return lines[count];
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    ended,
  };
}
