import { jobsAndDeliveries } from './0001-jobs-and-deliveries.js';
import { spend } from './0002-spend.js';
import { calibration } from './0003-calibration.js';
import { startsWithoutProgress } from './0004-starts-without-progress.js';
import { rounds } from './0005-rounds.js';
import { baseMeasurements } from './0006-base-measurements.js';
import { reviews } from './0007-reviews.js';
import { replicas } from './0008-replicas.js';
import { place } from './0009-place.js';
import { pullRequestNumber } from './0010-pull-request-number.js';
import { rejectionLimit } from './0011-rejection-limit.js';
import { history } from './0012-history.js';
import { takenLease } from './0013-taken-lease.js';
import { retryWait } from './0014-retry-wait.js';
import { unsettledJobs } from './0015-unsettled-jobs.js';
import type { Migration } from './migration.js';

/** Every step, in order. */
export const ALL_MIGRATIONS: readonly Migration[] = [
  jobsAndDeliveries,
  spend,
  calibration,
  startsWithoutProgress,
  rounds,
  baseMeasurements,
  reviews,
  replicas,
  place,
  pullRequestNumber,
  rejectionLimit,
  history,
  takenLease,
  retryWait,
  unsettledJobs,
];
