export { FakeClock } from './fake-clock.js';
export { SeededRandomness } from './seeded-randomness.js';
export type { ModelConversation, SeenToolResult } from './scripted-model/model-conversation.js';
export {
  answerJson,
  callTool,
  callTools,
  failWith,
  promptTooLong,
  refuse,
  runOutOfTokens,
  say,
  type FailureReply,
  type MessageReply,
  type ModelReply,
  type ReplyBlock,
  type ReplyOptions,
  type ReplyStop,
  type ReplyUsage,
} from './scripted-model/model-reply.js';
export {
  ScriptedModelServer,
  type ModelRule,
  type RecordedModelRequest,
  type ScriptedModelServerOptions,
} from './scripted-model/scripted-model-server.js';
export { stepsRule } from './scripted-model/steps-rule.js';
export { FakeGitea, type CreatedRepository, type HookOptions } from './fake-gitea/fake-gitea.js';
export { FakeGiteaError } from './fake-gitea/fake-gitea.errors.js';
export type {
  AccessLevel,
  Actor,
  FakeComment,
  FakeDelivery,
  FakeExchange,
  FakeGiteaOptions,
  FakeIssue,
  FakeLabel,
  FakePull,
  FakeRequest,
  FakeStatus,
  FakeUser,
  FileContent,
  NewIssue,
  RepositoryOptions,
  RepositoryRef,
} from './fake-gitea/fake-gitea.types.js';
export type { AddedFault, FaultKind, FaultRule } from './fake-gitea/faults.js';
