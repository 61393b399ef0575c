import { CodedError } from '../../kernel/index.js';

/** An agent asked for what it may not do or what cannot be done. Told to the agent, which goes on; never leaves a runtime. */
export class ToolRefusedError extends CodedError<'AGENTS_TOOL_REFUSED'> {
  override readonly code = 'AGENTS_TOOL_REFUSED';
}
