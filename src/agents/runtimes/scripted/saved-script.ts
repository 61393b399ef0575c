import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueKey, type IssueRef } from '../../../kernel/index.js';
import { saveFile } from '../save-file.js';

/** How far the script of an issue was played. */
export interface SavedScript {
  /** The index of the next step. */
  readonly position: number;
  /** Every session's occupancy, by id; null where unknown. */
  readonly sessions: Readonly<Record<string, number | null>>;
}

const BEGINNING: SavedScript = { position: 0, sessions: {} };

function pathOf(home: string, issue: IssueRef): string {
  const name = createHash('sha256').update(issueKey(issue)).digest('hex').slice(0, 16);
  return join(home, 'scripted', `${name}.json`);
}

/** From the beginning where nothing readable was saved. */
export async function loadScript(home: string, issue: IssueRef): Promise<SavedScript> {
  const text = await readFile(pathOf(home, issue), 'utf8').catch(() => '');
  try {
    const saved: unknown = JSON.parse(text);
    return isSaved(saved) ? saved : BEGINNING;
  } catch {
    return BEGINNING;
  }
}

export async function saveScript(home: string, issue: IssueRef, saved: SavedScript): Promise<void> {
  await saveFile(pathOf(home, issue), JSON.stringify(saved));
}

function isSaved(value: unknown): value is SavedScript {
  if (typeof value !== 'object' || value === null || !('position' in value) || !('sessions' in value)) return false;
  const { position, sessions } = value;
  return Number.isSafeInteger(position) && typeof sessions === 'object' && sessions !== null;
}
