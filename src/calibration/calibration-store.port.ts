import type { CalibrationGroup, CalibrationSample } from './calibration.types.js';

/** Where samples are kept. Every method is atomic and durable. */
export interface CalibrationStore {
  /** Keeps a sample as the newest. A job has one, whatever its group: an earlier one of the same job is replaced. */
  put(sample: CalibrationSample): Promise<void>;
  /** The newest samples of a group, newest first. */
  newest(group: CalibrationGroup, limit: number): Promise<readonly CalibrationSample[]>;
  /** Every group that has a sample, by profile and then from easy to hard. */
  groups(): Promise<readonly CalibrationGroup[]>;
}

export const CALIBRATION_STORE = Symbol('CALIBRATION_STORE');
