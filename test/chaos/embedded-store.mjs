import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What the coordinator's embedded database says, read beside it. */
export class EmbeddedStore {
  environment = {};

  constructor(program, folder) {
    this.file = join(folder, 'one', 'coordinator.db');
    this.Database = createRequire(program)('libsql');
  }

  static start(program, folder) {
    return Promise.resolve(new EmbeddedStore(program, folder));
  }

  query(sql) {
    const database = new this.Database(this.file, { readonly: true, timeout: 5_000 });
    try {
      return Promise.resolve(database.prepare(sql).all());
    } finally {
      database.close();
    }
  }

  close() {
    return Promise.resolve();
  }
}
