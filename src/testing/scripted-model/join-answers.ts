/** A message in the form of the Messages API, made from another API's. */
export interface TranslatedMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly Readonly<Record<string, unknown>>[];
}

/** The messages with content, the parts of one answer of the model as one message. */
export function joinAnswers(messages: readonly TranslatedMessage[]): TranslatedMessage[] {
  const joined: TranslatedMessage[] = [];
  for (const message of messages.filter(({ content }) => content.length > 0)) {
    const previous = joined.at(-1);
    if (message.role === 'assistant' && previous?.role === 'assistant') {
      joined[joined.length - 1] = { ...message, content: [...previous.content, ...message.content] };
    } else {
      joined.push(message);
    }
  }
  return joined;
}
