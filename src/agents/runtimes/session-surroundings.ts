import { mkdir } from 'node:fs/promises';
import type { Confinement, NetworkAccess } from '../../command-runner/index.js';
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
  /** What its commands may reach. */
  readonly confinement: Confinement;
}

/**
 * @param network the way out of its commands; null: they have none
 * @throws {AgentSpawnError} if the workspace is missing or the home cannot be written
 */
export async function prepareSurroundings(
  spec: SessionSpec,
  settings: CommandSettings,
  network: NetworkAccess | null = null,
): Promise<SessionSurroundings> {
  const { workspace, home } = spec;
  try {
    for (const directory of Object.values(privateDirectories(home))) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
    return {
      files: await ConfinedFiles.in(workspace),
      environment: commandEnvironment(home, settings),
      confinement: agentConfinement(spec, network),
    };
  } catch (error) {
    throw new AgentSpawnError(`The agent has no place to work: ${messageOf(error)}`, { cause: error });
  }
}

/** What the programs of a session may reach: its workspace and its private directories, and nothing else of the coordinator's. */
export function agentConfinement(
  { workspace, home, readable = [] }: Pick<SessionSpec, 'workspace' | 'home' | 'readable'>,
  network: NetworkAccess | null = null,
): Confinement {
  const { user, temporary } = privateDirectories(home);
  return { writable: [workspace, user, temporary], readable, ...(network === null ? {} : { network }) };
}
