import { mkdir } from 'node:fs/promises';
import { messageOf } from '../../kernel/index.js';
import type { SessionSpec } from '../agent-runtime.port.js';
import { AgentSpawnError } from '../agents.errors.js';
import { commandEnvironment, privateDirectories, type CommandSettings } from './command-environment.js';
import { ConfinedFiles } from './confined-files.js';

/** Where a session within this process works. */
export interface SessionSurroundings {
  readonly files: ConfinedFiles;
  /** The whole environment of its commands. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws {AgentSpawnError} if the workspace is missing or the home cannot be written */
export async function prepareSurroundings(
  { workspace, home }: SessionSpec,
  settings: CommandSettings,
): Promise<SessionSurroundings> {
  try {
    for (const directory of Object.values(privateDirectories(home))) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
    return { files: await ConfinedFiles.in(workspace), environment: commandEnvironment(home, settings) };
  } catch (error) {
    throw new AgentSpawnError(`The agent has no place to work: ${messageOf(error)}`, { cause: error });
  }
}
