export { CALIBRATION_STORE, type CalibrationStore } from './calibration-store.port.js';
export { InvalidCalibrationSampleError } from './calibration.errors.js';
export { CalibrationModule } from './calibration.module.js';
export type { CalibrationModuleOptions } from './calibration.options.js';
export { CalibrationService } from './calibration.service.js';
export type {
  CalibrationGroup,
  CalibrationOverview,
  CalibrationSample,
  CorrectedEstimate,
  Correction,
} from './calibration.types.js';
export { correctionOf } from './correction-of.js';
export { InMemoryCalibrationStore } from './in-memory-calibration-store.js';
