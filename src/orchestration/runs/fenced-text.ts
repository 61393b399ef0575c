import { withoutMark } from '../../parser/index.js';

/**
 * Text of other people as a prompt carries it: between two lines with a mark that its authors cannot know. Where it
 * holds the mark all the same, that is taken out.
 *
 * @param heading what it is, in the words of the coordinator; empty for none
 */
export function fencedText(fence: string, heading: string, text: string): string {
  const lines = [`---- ${fence} begin ----`, withoutMark(text, fence), `---- ${fence} end ----`];
  return [...(heading === '' ? [] : [heading]), ...lines].join('\n');
}
