import { describe, expect, it } from '@jest/globals';
import { readRepositoryNotes } from './repository-notes.js';
import type { Workspace } from '../ports/workspaces.port.js';

const WORKSPACE = {} as Workspace;

function notesOf(files: Readonly<Record<string, string>>, prompt: string | null = null): Promise<string> {
  const readBaseFile = (_workspace: Workspace, path: string): Promise<string | null> =>
    files[path] === 'too large' ? Promise.reject(new Error('too large')) : Promise.resolve(files[path] ?? null);
  return readRepositoryNotes({ readBaseFile }, WORKSPACE, prompt);
}

describe('readRepositoryNotes', () => {
  it('is empty where a repository says nothing', async () => {
    expect(await notesOf({})).toBe('');
    expect(await notesOf({ 'AGENTS.md': ' \n' }, ' ')).toBe('');
  });

  it('gives the prompt of the rules, then what is written for agents', async () => {
    const notes = await notesOf({ 'CLAUDE.md': 'Be brief.\n', 'AGENTS.md': 'Use tabs.' }, 'No default exports.\n');

    expect(notes).toBe(
      'No default exports.\n\nAGENTS.md of the repository:\n\nUse tabs.\n\nCLAUDE.md of the repository:\n\nBe brief.',
    );
  });

  it('says once what stands in both files', async () => {
    expect(await notesOf({ 'AGENTS.md': 'Use tabs.', 'CLAUDE.md': 'Use tabs.\n' })).toBe(
      'AGENTS.md of the repository:\n\nUse tabs.',
    );
  });

  it('cuts what is long, and says where the rest is', async () => {
    const notes = await notesOf({ 'AGENTS.md': 'x'.repeat(40_000) });

    expect(notes).toMatch(/x\n\[… the rest stands in AGENTS\.md\]$/);
    expect(notes.length).toBeLessThan(32_200);
  });

  it('goes on without a file that cannot be read', async () => {
    expect(await notesOf({ 'AGENTS.md': 'too large', 'CLAUDE.md': 'Be brief.' })).toBe(
      'CLAUDE.md of the repository:\n\nBe brief.',
    );
  });
});
