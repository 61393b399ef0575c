import { CodedError } from '../kernel/index.js';

/** A sample or an estimate that is not a positive, finite number of tokens. */
export class InvalidCalibrationSampleError extends CodedError<'CALIBRATION_SAMPLE_INVALID'> {
  override readonly code = 'CALIBRATION_SAMPLE_INVALID';
}
