import { describe, expect, it } from '@jest/globals';
import type { Actor } from '../queue/index.js';
import { fromActorColumn, toActorColumn } from './actor-column.js';

describe('The column of who changed a job', () => {
  it.each<[Actor | null, string | null]>([
    [{ kind: 'person', login: 'ann' }, 'person:ann'],
    [{ kind: 'coordinator', holder: 'host:7:a' }, 'coordinator:host:7:a'],
    [{ kind: 'coordinator', holder: '' }, 'coordinator:'],
    [null, null],
  ])('holds %j', (by, text) => {
    expect(toActorColumn(by)).toBe(text);
    expect(fromActorColumn(text)).toEqual(by);
  });

  it('is read as nobody where it names no kind of ours', () => {
    expect(fromActorColumn('robot:r2')).toBeNull();
  });
});
