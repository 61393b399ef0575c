import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { AgentProfile } from '../../agent-profile.js';
import { AgentSpawnError } from '../../agents.errors.js';

/**
 * The real path of the Claude Code that a profile names; null where it names none, and the SDK brings its own.
 *
 * @throws {AgentSpawnError} if it names more than one program, or one that is not there
 */
export async function findClaudeExecutable(
  { name, command }: Pick<AgentProfile, 'name' | 'command'>,
  commandPath: string,
): Promise<string | null> {
  if (command === undefined || command === null) return null;
  const [program, ...rest] = command;
  if (rest.length > 0) {
    throw new AgentSpawnError(
      `The command of profile ${name} must be the claude program alone, without arguments; a script can add them.`,
    );
  }
  const places = isAbsolute(program) ? [program] : commandPath.split(delimiter).map((folder) => join(folder, program));
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return realpath(place);
  }
  throw new AgentSpawnError(`Profile ${name} names the program ${program}, which is not installed or may not be run.`);
}
