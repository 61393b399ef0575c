import type { ClaudeHookAnswer, ClaudeQueryOptions } from './claude-sdk.types.js';
import { isCommandTool } from './open-calls.js';

const STOP: ClaudeHookAnswer = { continue: false, stopReason: 'The coordinator interrupted the turn.' };

const NOT_STARTED: ClaudeHookAnswer = {
  ...STOP,
  hookSpecificOutput: {
    hookEventName: 'PreToolUse',
    permissionDecision: 'deny',
    permissionDecisionReason: 'Not started: the coordinator interrupted the turn before it.',
  },
};

/**
 * Ends a turn at the next tool boundary, once it is to stop: no command begins any more, other tools of the answer are
 * run, since it is paid for, and the model is not asked again.
 */
export function turnHooks(mustStop: () => boolean): ClaudeQueryOptions['hooks'] {
  const after = (): Promise<ClaudeHookAnswer> => Promise.resolve(mustStop() ? STOP : {});
  const before = (input: unknown): Promise<ClaudeHookAnswer> =>
    Promise.resolve(mustStop() && isCommandTool(toolIn(input)) ? NOT_STARTED : {});
  return {
    PreToolUse: [{ hooks: [before] }],
    PostToolUse: [{ hooks: [after] }],
    PostToolUseFailure: [{ hooks: [after] }],
  };
}

function toolIn(input: unknown): string {
  return typeof input === 'object' && input !== null && 'tool_name' in input ? String(input.tool_name) : '';
}
