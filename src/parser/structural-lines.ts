import { withoutInvisible } from './visible-text.js';

/**
 * A fenced block's first line, a code span (skipped), or the start of a comment. Every repetition is bounded or runs to
 * the end of a line, so that the search takes time in proportion to the text.
 */
const FENCE_SPAN_OR_COMMENT =
  /^[ \t]{0,32}(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,4})?(?:(`{3,})[^`\n]*|(~{3,})[^\n]*)$|`[^`\n]*`|<!--/gm;

/**
 * The lines of a Markdown text in which structure is looked for: without fenced code, HTML comments and quoted lines,
 * as what they hold is shown, hidden or somebody else's, and not said. Of several empty lines one is left.
 *
 * A fence that is never closed runs to the end, as Markdown has it; so does a comment.
 */
export function structuralLines(text: string): string[] {
  return withoutCodeAndComments(withoutInvisible(text))
    .split('\n')
    .filter((line, index, lines) => !isQuoted(line) && !(line === '' && lines[index - 1] === ''));
}

function isQuoted(line: string): boolean {
  return /^[ \t]{0,3}>/.test(line);
}

function withoutCodeAndComments(text: string): string {
  const kept: string[] = [];
  let from = 0;
  FENCE_SPAN_OR_COMMENT.lastIndex = 0;
  for (let match = FENCE_SPAN_OR_COMMENT.exec(text); match !== null; match = FENCE_SPAN_OR_COMMENT.exec(text)) {
    const fence = match[1] ?? match[2];
    if (fence === undefined && match[0] !== '<!--') continue;

    kept.push(text.slice(from, match.index), ' ');
    from =
      fence === undefined ? endOfComment(text, match.index) : endOfFence(text, match.index + match[0].length, fence);
    FENCE_SPAN_OR_COMMENT.lastIndex = from;
  }
  kept.push(text.slice(from));
  return kept.join('');
}

function endOfComment(text: string, start: number): number {
  const close = text.indexOf('-->', start + 2);
  return close === -1 ? text.length : close + 3;
}

function endOfFence(text: string, start: number, fence: string): number {
  const mark = fence.startsWith('~') ? '~' : '`';
  const closing = new RegExp(`^[ \\t]{0,32}${mark}{${fence.length},}[ \\t]*$`, 'gm');
  closing.lastIndex = start;
  return closing.exec(text) === null ? text.length : closing.lastIndex;
}
