import type { ModelConversation } from './model-conversation.js';
import { say, type ModelReply } from './model-reply.js';
import type { ModelRule } from './scripted-model-server.js';

/**
 * A rule that works through a prompt: its first answer is the first step, the answer to that step's tool results the
 * second, and so on. After the last step it says that it is done. Each prompt starts again at the first step, so give a
 * continuation a rule of its own, before this one.
 *
 * @example
 * stepsRule({
 *   name: 'fix the sum',
 *   when: (c) => c.lastPrompt.includes('#3'),
 *   steps: [callTool('read', { path: 'sum.js' }), callTool('write', { path: 'sum.js', content: '…' }), say('Fixed.')],
 * })
 */
export function stepsRule(given: {
  readonly name?: string;
  readonly when: (conversation: ModelConversation) => boolean;
  readonly steps: readonly (ModelReply | ((conversation: ModelConversation) => ModelReply | Promise<ModelReply>))[];
}): ModelRule {
  const { steps, ...rule } = given;
  return {
    ...rule,
    reply: (conversation) => {
      const step = steps[conversation.stepsSincePrompt] ?? say('Done.');
      return typeof step === 'function' ? step(conversation) : step;
    },
  };
}
