import type { Workspace, Workspaces } from '../ports/workspaces.port.js';

/** What people write for agents, by the names that agents look for. */
const NOTE_FILES = ['AGENTS.md', 'CLAUDE.md'];
/** Longest part of such a file that a prompt carries, in characters. */
const LONGEST_NOTE = 32_000;

/**
 * What a repository tells every agent: the addition to the prompt of its rules, then its AGENTS.md and CLAUDE.md as they
 * are on the base commit. Agents are kept from reading project settings by themselves, because in the workspace these
 * are the agent's own to change.
 *
 * @param prompt of the repository's rules; null when they say nothing
 */
export async function readRepositoryNotes(
  workspaces: Pick<Workspaces, 'readBaseFile'>,
  workspace: Workspace,
  prompt: string | null,
): Promise<string> {
  const notes = prompt === null ? [] : [prompt.trim()];
  const seen = new Set<string>();
  for (const path of NOTE_FILES) {
    // One that is too large to be read is still there for the agent to look into.
    const text = (await workspaces.readBaseFile(workspace, path).catch(() => null))?.trim() ?? '';
    if (text === '' || seen.has(text)) continue;
    seen.add(text);
    const rest = text.length > LONGEST_NOTE ? `\n[… the rest stands in ${path}]` : '';
    notes.push(`${path} of the repository:\n\n${text.slice(0, LONGEST_NOTE)}${rest}`);
  }
  return notes.filter((note) => note !== '').join('\n\n');
}
