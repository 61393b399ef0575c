import type { HiddenText } from './hidden-text.types.js';
import type { IssueText } from './parser.types.js';
import { seenText } from './visible-text.js';

/** Longer titles and bodies are cut before a model reads them, in UTF-16 units. */
export const LONGEST_TITLE = 500;
export const LONGEST_BODY = 64_000;

/** What a person sees of an issue, as far as a model is shown it. */
export interface SeenIssue {
  /** One line. */
  readonly title: string;
  /** Where it was cut, a last line says so. */
  readonly body: string;
  /** Of both. */
  readonly hidden: HiddenText;
}

/** What of an issue's text a model is shown: no hidden text, and no more than a bounded part of it. */
export function seenIssue({ title, body }: Pick<IssueText, 'title' | 'body'>): SeenIssue {
  const seenTitle = seenText(title, LONGEST_TITLE);
  const seenBody = seenText(body, LONGEST_BODY);
  const { cutCharacters } = seenBody.hidden;
  const note = cutCharacters === 0 ? '' : `\n[the rest is left out: ${cutCharacters} characters]`;
  return {
    title: seenTitle.text.replace(/\s+/g, ' ').trim(),
    body: `${seenBody.text.trim()}${note}`,
    hidden: sum(seenTitle.hidden, seenBody.hidden),
  };
}

function sum(one: HiddenText, other: HiddenText): HiddenText {
  return {
    invisibleCharacters: one.invisibleCharacters + other.invisibleCharacters,
    comments: one.comments + other.comments,
    elements: one.elements + other.elements,
    asides: one.asides + other.asides,
    definitions: one.definitions + other.definitions,
    cutCharacters: one.cutCharacters + other.cutCharacters,
  };
}
