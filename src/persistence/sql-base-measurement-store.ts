import type { BaseMeasurement, BaseMeasurementStore } from '../quality-gates/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';
import { readJson } from './json-column.js';

/** Keeps what gates say of base commits in the database, so that a restart measures none of them again. */
export class SqlBaseMeasurementStore implements BaseMeasurementStore {
  /** @param most how many are kept: one names every test of a repository, and base branches move on */
  constructor(
    private readonly database: CoordinatorDatabase,
    private readonly most = 200,
  ) {}

  async get(key: string): Promise<BaseMeasurement | undefined> {
    const row = await this.database.queries
      .selectFrom('base_measurements')
      .select('measurement')
      .where('key', '=', key)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    try {
      return readJson<BaseMeasurement>(row.measurement, `base measurement ${key}`, 'measurement');
    } catch {
      // It can be measured again, and is then replaced.
      return undefined;
    }
  }

  async put(key: string, measurement: BaseMeasurement): Promise<void> {
    const row = { key, measurement: JSON.stringify(measurement), measured_at: measurement.measuredAt };
    await this.database.exclusive('base-measurements', async (transaction) => {
      // Not replaced in place: a new sequence makes it the newest.
      await transaction.deleteFrom('base_measurements').where('key', '=', key).execute();
      await transaction.insertInto('base_measurements').values(row).execute();
      const { last } = await transaction
        .selectFrom('base_measurements')
        .select('sequence as last')
        .orderBy('sequence', 'desc')
        .offset(this.most)
        .limit(1)
        .executeTakeFirst()
        .then((found) => found ?? { last: null });
      if (last !== null) await transaction.deleteFrom('base_measurements').where('sequence', '<=', last).execute();
    });
  }
}
