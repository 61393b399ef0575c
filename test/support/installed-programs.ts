import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe } from '@jest/globals';

/** Where the gates of tests look for programs; Go has a folder of its own. */
export const PROGRAM_PATH = [dirname(process.execPath), '/usr/local/go/bin', '/usr/local/bin', '/usr/bin', '/bin'].join(
  ':',
);

/** Why a program is not to be had; null: it is there. */
export function programProblem(program: string): string | null {
  const isThere = PROGRAM_PATH.split(':').some((folder) => existsSync(join(folder, program)));
  return isThere ? null : `no ${program} here`;
}

/** Why modules of Python are not to be had; null: they are there. */
export function pythonProblem(...modules: readonly string[]): string | null {
  try {
    execFileSync('python3', ['-c', `import ${modules.join(', ')}`], { env: { PATH: PROGRAM_PATH }, stdio: 'ignore' });
    return null;
  } catch {
    return `no python3 with ${modules.join(' and ')} here`;
  }
}

/** Describes what needs a program; without it, it is skipped and the title says why. */
export function describeWith(problem: string | null, title: string, cases: () => void): void {
  (problem === null ? describe : describe.skip)(problem === null ? title : `${title} (skipped, ${problem})`, cases);
}
