import type { CalibrationStore } from './calibration-store.port.js';
import { InMemoryCalibrationStore } from './in-memory-calibration-store.js';

/** What `CalibrationModule.forRoot` accepts. Every field may be left out. */
export interface CalibrationModuleOptions {
  /**
   * Whether estimates are corrected. Samples are kept and shown in any case.
   * @default true
   */
  readonly enabled?: boolean;
  /** @default a store within this process */
  readonly store?: CalibrationStore;
}

/** The options with every default filled in. */
export type CalibrationOptions = Required<CalibrationModuleOptions>;

export const CALIBRATION_OPTIONS = Symbol('CALIBRATION_OPTIONS');

export function resolveCalibrationOptions(given: CalibrationModuleOptions): CalibrationOptions {
  return { enabled: given.enabled ?? true, store: given.store ?? new InMemoryCalibrationStore() };
}
