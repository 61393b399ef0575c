import { InvalidGiteaNameError } from './gitea.errors.js';
import type { GiteaComment } from './gitea.types.js';
import { isSameLogin } from '../kernel/index.js';

const MARKER = /^[A-Za-z0-9](?:-?[A-Za-z0-9._:/])*$/;

/**
 * The text of a comment with its marker, an HTML comment that Gitea keeps and nobody sees.
 *
 * @throws {InvalidGiteaNameError} if the marker could end the HTML comment or is longer than 100 characters
 */
export function withMarker(body: string, marker: string): string {
  return `${body.trimEnd()}\n\n${tagOf(marker)}`;
}

/**
 * The bot's own comments with this marker, oldest first. The marker counts at the very end only, so that quoted text
 * cannot pass for it.
 */
export function ownComments(comments: readonly GiteaComment[], marker: string, login: string): GiteaComment[] {
  return comments
    .filter(({ author, body }) => isSameLogin(author?.login, login) && hasMarker(body, marker))
    .toSorted((a, b) => a.id - b.id);
}

/** Whether a text ends with this marker. */
export function hasMarker(body: string, marker: string): boolean {
  return body.trimEnd().endsWith(tagOf(marker));
}

/** The marker that a text ends with; null for none. */
export function markerOf(body: string): string | null {
  return /<!-- mosaic:(\S{1,100}) -->$/.exec(body.trimEnd())?.[1] ?? null;
}

/** Whether this marker stands on a line of its own: for texts that people go on writing below. */
export function holdsMarker(body: string, marker: string): boolean {
  return body.split('\n').some((line) => line.trim() === tagOf(marker));
}

/** Whether two texts say the same; Gitea's pages send line ends as CRLF. */
export function isSameText(one: string, other: string): boolean {
  return one.replaceAll('\r\n', '\n').trimEnd() === other.replaceAll('\r\n', '\n').trimEnd();
}

function tagOf(marker: string): string {
  if (marker.length <= 100 && MARKER.test(marker)) return `<!-- mosaic:${marker} -->`;
  throw new InvalidGiteaNameError(`${JSON.stringify(marker.slice(0, 120))} is no marker for a comment`);
}
