/** The system prompt: the coordinator's rules, then what this runtime's tools are like. */
export function systemPrompt(instructions: string): string {
  return [
    instructions,
    'You work alone and unattended in one workspace, through tools. All paths are relative to the workspace; files ' +
      'outside it, and what belongs to git, cannot be touched by the file tools. Nobody answers questions: where ' +
      'something is open, decide, and say what you decided. Work until the work is done and checked by running it. ' +
      'End with an answer without tool calls only then.',
  ].join('\n\n');
}

/** Asks for the summary that replaces the conversation. */
export const SUMMARY_REQUEST = [
  'The context window is nearly full. Your next words replace this whole conversation, and you will go on from them ' +
    'alone. Do not call tools. Write down, briefly and with exact names and paths:',
  '1. what is to be done, and what was agreed about how;',
  '2. what is done, file by file;',
  '3. what was learned that is not seen in the files: commands that work, causes of failures, dead ends;',
  '4. what remains, in order, beginning with the next step.',
].join('\n');

/** The beginning of the conversation after it was shortened. */
export function summarizedStart(summary: string, keep: string): string {
  const kept = keep.trim() === '' ? [] : ['What must not be forgotten, word for word:', keep];
  return ['This conversation was shortened. Your summary of it:', summary, ...kept].join('\n\n');
}

/** Sent when an answer reached the limit of output tokens. */
export const CONTINUE_ANSWER = 'Your answer reached the limit of its length. Continue where it ended.';

/** The result of a tool call that was cut off with its answer. */
export const CUT_CALL =
  'Not run: the answer reached the limit of its length within this call. Take smaller steps, such as several edits.';

/** The result of a tool call whose arguments cannot be read. */
export const BROKEN_CALL = 'Not run: the arguments are not a JSON object.';
