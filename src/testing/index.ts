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
