export { examine, examineMachine, type Examination, type Machine } from './examine.js';
export type { WantedLabel } from './ensure-labels.js';
export { bad, findingLine, good, type Finding } from './finding.js';
export { initialize, type Initialization } from './initialize.js';
export { readArguments, USAGE, UsageError, type DoctorArguments, type InitArguments } from './read-arguments.js';
export { askWhy, localAddress, type RunningService } from './running-service.js';
export type { SetupGitea } from './setup.types.js';
