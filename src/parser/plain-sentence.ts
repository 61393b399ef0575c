import { visibleText } from './visible-text.js';

/**
 * One line of plain words made of text that others wrote, fit to stand in a comment of the coordinator's: nothing in it
 * mentions anybody, links anywhere, closes an issue by reference or is markup.
 */
export function plainSentence(text: string, maxLength: number): string {
  return visibleText(text.slice(0, 4 * maxLength))
    .replace(/[^\p{L}\p{N}\s.,;:?'’"“”%€$+=/–—-]/gu, '')
    .replace(/:\/+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxLength);
}
