import { describe, expect, it } from '@jest/globals';
import { SqliteConnection } from './sqlite-dialect.js';

describe('SqliteConnection', () => {
  it('says which setting a database does not take', () => {
    const connection = SqliteConnection.open(':memory:');

    expect(() => connection.configure()).toThrow(
      expect.objectContaining({
        code: 'DATABASE_UNAVAILABLE',
        message: 'The database refuses the setting journal_mode = WAL: it has "memory"',
      }),
    );
    connection.close();
  });

  it('closes once, and prepares nothing after that', () => {
    const connection = SqliteConnection.open(':memory:');
    connection.prepare('select 1');

    connection.close();
    connection.close();

    expect(connection.inTransaction).toBe(false);
    expect(() => connection.prepare('select 1')).toThrow(expect.objectContaining({ code: 'DATABASE_UNAVAILABLE' }));
  });
});
