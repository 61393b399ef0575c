import { openDatabase, type CoordinatorDatabase } from '../../src/persistence/coordinator-database.js';
import { FakeClock } from '../../src/testing/index.js';
import { makeTemporaryFolder } from './temporary-folder.js';

/** An empty database on a real file, with the clock that its stores go by. */
export interface TestDatabase {
  readonly database: CoordinatorDatabase;
  readonly clock: FakeClock;
  readonly dataFolder: string;
  /** Closes it and deletes the folder. */
  readonly close: () => Promise<void>;
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const folder = makeTemporaryFolder();
  const clock = new FakeClock();
  const database = await openDatabase({ dataFolder: folder.path, clock });
  return {
    database,
    clock,
    dataFolder: folder.path,
    close: async () => {
      await database.close();
      folder.remove();
    },
  };
}

/** Opens a database, works with it and closes it, whatever the work did. */
export async function withTestDatabase(work: (opened: TestDatabase) => Promise<void>): Promise<void> {
  const opened = await openTestDatabase();
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
}
