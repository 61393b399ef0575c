import { statSync } from 'node:fs';

/** A missing directory and a missing program are one error code to the system, and two different mistakes. */
export function reasonNotStarted(program: string, cwd: string, error: unknown): string {
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) return `The directory ${cwd} does not exist`;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : 'unknown';
  if (code === 'ENOENT') return reasonMissing(program, 'missing');
  if (code === 'EACCES') return reasonMissing(program, 'forbidden');
  // The system's own sentence can quote the environment, where secrets are.
  return `The program ${program} could not be started (${String(code)})`;
}

/** One sentence on a program that is not there, or may not be run. */
export function reasonMissing(program: string, what: 'missing' | 'forbidden'): string {
  return what === 'missing'
    ? `The program ${program} is not installed or not in PATH`
    : `The program ${program} may not be run by this user`;
}
