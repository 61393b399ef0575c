import { mkdtemp, readdir, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { History } from './history.types.js';
import { loadSession, readSession, saveSession } from './saved-session.js';

const directories: string[] = [];

afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true })));
});

async function makeHome() {
  const home = await mkdtemp(join(tmpdir(), 'saved-'));
  directories.push(home);
  return home;
}

const HISTORY: History = [
  { role: 'user', content: [{ type: 'text', text: 'go' }] },
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'redacted_thinking', data: 'd' },
      { type: 'tool_use', id: 't', name: 'list', input: {} },
    ],
  },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'a', is_error: false }] },
];

const text = (change: Record<string, unknown>) =>
  JSON.stringify({ version: 1, history: HISTORY, usedTokens: 5, ...change });
const withBlock = (block: unknown) => text({ history: [{ role: 'user', content: [block] }] });

describe('a saved session', () => {
  it('comes back as it was', async () => {
    const home = await makeHome();

    await saveSession(home, 'one', { history: HISTORY, usedTokens: 42 });

    expect(await loadSession(home, 'one')).toEqual({ history: HISTORY, usedTokens: 42 });
  });

  it('is what was saved last, even where a save before it was cut off', async () => {
    const home = await makeHome();
    await mkdir(join(home, 'sessions'));
    await writeFile(join(home, 'sessions', 'one.json.new'), '{"version":1,"hist');
    await saveSession(home, 'one', { history: [], usedTokens: 1 });

    await saveSession(home, 'one', { history: [], usedTokens: 2 });

    expect(await loadSession(home, 'one')).toEqual({ history: [], usedTokens: 2 });
    expect(await readdir(join(home, 'sessions'))).toEqual(['one.json']);
  });

  it('is unknown when it is not there, cannot be read, or has no name of ours', async () => {
    const home = await makeHome();
    await saveSession(home, 'broken', { history: [], usedTokens: null });
    await writeFile(join(home, 'sessions', 'broken.json'), '{');

    await writeFile(join(home, 'elsewhere.json'), text({}));

    for (const id of ['missing', 'broken', '../elsewhere', '']) {
      await expect(loadSession(home, id)).rejects.toMatchObject({ code: 'AGENTS_SESSION_UNKNOWN' });
    }
  });

  it.each([0, -1, '5', null, undefined])('knows no occupancy from %p', (usedTokens) => {
    expect(readSession(text({ usedTokens }))?.usedTokens).toBeNull();
  });

  it.each([
    'null',
    '[]',
    text({ version: 2 }),
    text({ history: {} }),
    text({ history: [null] }),
    text({ history: [{ role: 'system', content: [] }] }),
    text({ history: [{ role: 'user', content: 'text' }] }),
    withBlock(null),
    withBlock({ type: 'image' }),
    withBlock({ type: 'text' }),
    withBlock({ type: 'tool_use', id: 'a', name: 'b', input: [] }),
    withBlock({ type: 'tool_use', id: 'a', input: {} }),
    withBlock({ type: 'tool_result', tool_use_id: 'a', content: 'b' }),
    withBlock({ type: 'tool_result', content: 'b', is_error: true }),
    withBlock({ type: 'thinking', thinking: 'a' }),
    withBlock({ type: 'redacted_thinking' }),
  ])('is not read from %s', (saved) => {
    expect(readSession(saved)).toBeNull();
  });
});
