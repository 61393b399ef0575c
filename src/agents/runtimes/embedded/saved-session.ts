import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnknownSessionError } from '../../agents.errors.js';
import { saveFile } from '../save-file.js';
import type { History, HistoryBlock, HistoryMessage } from './history.types.js';

const VERSION = 1;
/** A session's id is part of a path. */
const SESSION_ID = /^[A-Za-z0-9-]{1,64}$/;

/** What is kept of a session between processes. */
export interface SavedSession {
  readonly history: History;
  /** Occupancy at the last call; null when unknown. */
  readonly usedTokens: number | null;
}

function pathOf(home: string, id: string): string {
  return join(home, 'sessions', `${id}.json`);
}

export async function saveSession(home: string, id: string, session: SavedSession): Promise<void> {
  await saveFile(pathOf(home, id), JSON.stringify({ version: VERSION, ...session }));
}

/** @throws {UnknownSessionError} if there is no such session, or what is left of it cannot be read */
export async function loadSession(home: string, id: string): Promise<SavedSession> {
  if (!SESSION_ID.test(id)) throw new UnknownSessionError(`${JSON.stringify(id.slice(0, 80))} names no session`);
  const text = await readFile(pathOf(home, id), 'utf8').catch(() => null);
  if (text === null) throw new UnknownSessionError(`There is no saved session ${id} any more. Open a new one.`);
  const session = readSession(text);
  if (session === null) throw new UnknownSessionError(`The saved session ${id} cannot be read. Open a new one.`);
  return session;
}

/** The session in a saved text; null when it is none of ours. */
export function readSession(text: string): SavedSession | null {
  const saved = parsed(text);
  if (!isRecord(saved) || saved['version'] !== VERSION) return null;
  const { history, usedTokens } = saved;
  if (!Array.isArray(history) || !history.every(isMessage)) return null;
  return { history, usedTokens: typeof usedTokens === 'number' && usedTokens > 0 ? usedTokens : null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMessage(value: unknown): value is HistoryMessage {
  if (!isRecord(value) || (value['role'] !== 'user' && value['role'] !== 'assistant')) return false;
  return Array.isArray(value['content']) && value['content'].every(isBlock);
}

function isBlock(value: unknown): value is HistoryBlock {
  if (!isRecord(value)) return false;
  const holdsTexts = (...keys: string[]): boolean => keys.every((key) => typeof value[key] === 'string');
  switch (value['type']) {
    case 'text':
      return holdsTexts('text');
    case 'tool_use':
      return holdsTexts('id', 'name') && isRecord(value['input']);
    case 'tool_result':
      return holdsTexts('tool_use_id', 'content') && typeof value['is_error'] === 'boolean';
    case 'thinking':
      return holdsTexts('thinking', 'signature');
    case 'redacted_thinking':
      return holdsTexts('data');
    default:
      return false;
  }
}
