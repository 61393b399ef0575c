export { CLOCK, SystemClock, type Clock } from './clock.js';
export { CodedError, messageOf } from './coded-error.js';
export { DIFFICULTIES, type Difficulty } from './difficulty.js';
export { EVENT_BUS, InProcessEventBus, type DomainEvent, type EventBus } from './event-bus.js';
export {
  InvalidIssueRefError,
  formatIssueRef,
  isRepositoryName,
  issueKey,
  parseIssueRef,
  repositoryKey,
  type IssueRef,
} from './issue-ref.js';
export { KernelModule } from './kernel.module.js';
export { KeyedLock } from './keyed-lock.js';
export { RANDOMNESS, SystemRandomness, type Randomness } from './randomness.js';
export { isSameLogin } from './same-login.js';
export { SecretScrubber } from './secret-scrubber.js';
export { assertMayWrite, underPermit } from './write-permit.js';
