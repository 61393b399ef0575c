export { QualityGatesModule } from './quality-gates.module.js';
export { QualityGatesService } from './quality-gates.service.js';
export { resolveQualityGatesOptions, type QualityGatesModuleOptions } from './quality-gates.options.js';
export {
  GatesAbortedError,
  InvalidGateSubjectError,
  InvalidGatesConfigurationError,
  InvalidQualityGatesOptionsError,
  type ConfigurationMistake,
} from './quality-gates.errors.js';
export type { BaseGate, BaseMeasurement, BaseMeasurementStore } from './base-measurement-store.port.js';
export type { CachedDependencies, DependencyCache } from './dependency-cache.port.js';
export { FolderDependencyCache, type FolderDependencyCacheOptions } from './folder-dependency-cache.js';
export { InMemoryBaseMeasurementStore } from './in-memory-base-measurement-store.js';
export {
  BASE_POLICIES,
  GATE_FAULTS,
  GATE_KINDS,
  type BasePolicy,
  type FileOfCommit,
  type GateBase,
  type GateDefinition,
  type GateFault,
  type GateKind,
  type GateResult,
  type GateSubject,
  type TestFailure,
  type Verdict,
} from './quality-gates.types.js';
export type { TestCounts } from './test-report.types.js';
export {
  BLOCKER_ENDS,
  CONFIGURATION_PATH,
  parseRepositoryConfiguration,
  type BlockerEnd,
  type RepositoryConfiguration,
  type RepositoryLimits,
} from './gate-configuration.js';
export { detectGates } from './detect-gates.js';
export { EXAMPLE_CONFIGURATION } from './gate-definitions.js';
export { continuationPrompt, noChangePrompt, type ContinuationRound } from './continuation-prompt.js';
export { verdictReport } from './verdict-report.js';
export { compareTests, type TestChanges, type TestComparison } from './compare-tests.js';
export { compareCoverage, type CoverageComparison, type CoverageDemands } from './compare-coverage.js';
export { changedLineCoverage, type ChangedLineCoverage } from './changed-line-coverage.js';
export type { CoverageReading, CoverageReport, FileCoverage, Share } from './coverage.types.js';
export type { GateMeasurement } from './gate-measurement.types.js';
export { readDiffHunks, type DiffHunk } from './diff-hunks.js';
export { readCoverageReports } from './read-coverage-reports.js';
export { readTestOutput, readTestReports } from './read-test-reports.js';
export {
  TEST_OUTCOMES,
  type TestOutcome,
  type TestReading,
  type TestRecord,
  type TestReport,
} from './test-report.types.js';
