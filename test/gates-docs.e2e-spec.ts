import { describe, expect, it } from '@jest/globals';
import { ALL_CHEATS } from './cheats/all-cheats.js';
import { CHEAT_ENDS } from './cheats/cheat.js';
import { NOT_YET_CAUGHT } from './cheats/not-yet-caught.js';
import { readDocument, tableRows } from './support/documents.js';

describe('docs/gates.md', () => {
  const document = readDocument('docs/gates.md');

  it('lists every cheat of the corpus and how it ends, in its order', () => {
    const rows = tableRows(document, 'What the agent does').map(([title, end]) => [title, end]);

    expect(rows).toEqual(
      ALL_CHEATS.map(({ title, end }) => [title, NOT_YET_CAUGHT.has(title) ? 'not yet caught' : end]),
    );
    expect(ALL_CHEATS.length).toBeGreaterThanOrEqual(24);
  });

  it('says what the ends mean', () => {
    for (const end of CHEAT_ENDS) expect(document).toContain(`**${end}**`);
  });
});
