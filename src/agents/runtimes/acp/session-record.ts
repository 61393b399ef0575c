import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnknownSessionError } from '../../agents.errors.js';
import { saveFile } from '../save-file.js';
import type { UsageSeen } from './session-usage.js';
import { isFields } from './read-update.js';

const VERSION = 1;

/** What the coordinator keeps of a session; its history is the agent's own. */
export interface SessionRecord {
  readonly id: string;
  readonly usage: UsageSeen;
  /** What must survive the last compaction, until the next prompt repeats it; null where there is nothing. */
  readonly keep: string | null;
}

/** An agent's id can be anything, also what is no name of a file. */
function pathOf(home: string, id: string): string {
  return join(home, 'acp', `${createHash('sha256').update(id).digest('hex').slice(0, 32)}.json`);
}

export async function saveRecord(home: string, record: SessionRecord): Promise<void> {
  await saveFile(pathOf(home, record.id), JSON.stringify({ version: VERSION, ...record }));
}

/** @throws {UnknownSessionError} if no session of this id was opened in this home, or its record cannot be read */
export async function loadRecord(home: string, id: string): Promise<SessionRecord> {
  const text = await readFile(pathOf(home, id), 'utf8').catch(() => null);
  const record = text === null ? null : readRecord(text);
  if (record === null || record.id !== id) {
    throw new UnknownSessionError(`There is no session ${JSON.stringify(id.slice(0, 80))} any more. Open a new one.`);
  }
  return record;
}

/** The record in a saved text; null when it is none of ours. */
export function readRecord(text: string): SessionRecord | null {
  const saved = parsed(text);
  if (!isFields(saved) || saved['version'] !== VERSION || !isFields(saved['usage'])) return null;
  const { id, keep, usage } = saved;
  if (typeof id !== 'string') return null;
  const told = (['live', 'turn-end', 'never'] as const).find((known) => known === usage['told']);
  if (told === undefined) return null;
  const count = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null);
  return {
    id,
    keep: typeof keep === 'string' ? keep : null,
    usage: { usedTokens: count(usage['usedTokens']), windowTokens: count(usage['windowTokens']), told },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
