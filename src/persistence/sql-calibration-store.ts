import type { CalibrationGroup, CalibrationSample, CalibrationStore } from '../calibration/index.js';
import { DIFFICULTIES } from '../kernel/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';

/** Keeps what finished jobs took in the database. */
export class SqlCalibrationStore implements CalibrationStore {
  constructor(private readonly database: CoordinatorDatabase) {}

  async put({ jobId, profile, difficulty, estimatedTokens, peakTokens }: CalibrationSample): Promise<void> {
    const row = {
      job_id: jobId,
      profile,
      difficulty,
      estimated_tokens: estimatedTokens,
      peak_tokens: peakTokens,
    };
    await this.database.exclusive('calibration', async (transaction) => {
      // Not replaced in place: a new sequence makes it the newest.
      await transaction.deleteFrom('calibration_samples').where('job_id', '=', jobId).execute();
      await transaction.insertInto('calibration_samples').values(row).execute();
    });
  }

  async newest({ profile, difficulty }: CalibrationGroup, limit: number): Promise<readonly CalibrationSample[]> {
    const rows = await this.database.queries
      .selectFrom('calibration_samples')
      .selectAll()
      .where('profile', '=', profile)
      .where('difficulty', '=', difficulty)
      .orderBy('sequence', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      jobId: row.job_id,
      profile,
      difficulty,
      estimatedTokens: row.estimated_tokens,
      peakTokens: row.peak_tokens,
    }));
  }

  async groups(): Promise<readonly CalibrationGroup[]> {
    const rows = await this.database.queries
      .selectFrom('calibration_samples')
      .select(['profile', 'difficulty'])
      .distinct()
      .orderBy('profile')
      .execute();
    const profiles = [...new Set(rows.map(({ profile }) => profile))];
    return profiles.flatMap((profile) =>
      DIFFICULTIES.filter((known) => rows.some((row) => row.profile === profile && row.difficulty === known)).map(
        (difficulty) => ({ profile, difficulty }),
      ),
    );
  }
}
