import type { HiddenText } from './hidden-text.types.js';

const KINDS: readonly (readonly [Exclude<keyof HiddenText, 'cutCharacters'>, string])[] = [
  ['invisibleCharacters', 'invisible character'],
  ['comments', 'HTML comment'],
  ['elements', 'hidden element'],
  ['asides', 'text that is not shown with its link, image or tag'],
  ['definitions', 'definition of a link or footnote that is not shown'],
];

/** What was taken out of a text, for people; null where nothing was. The text itself is not repeated. */
export function hiddenSentence(hidden: HiddenText): string | null {
  const parts = KINDS.filter(([kind]) => hidden[kind] > 0).map(([kind, name]) => `${hidden[kind]} × ${name}`);
  const taken = parts.length === 0 ? [] : [`Hidden text was removed from this issue: ${parts.join(', ')}.`];
  const cut =
    hidden.cutCharacters === 0 ? [] : [`The last ${hidden.cutCharacters} characters of its text are left out.`];
  return taken.length + cut.length === 0 ? null : [...taken, ...cut].join(' ');
}
