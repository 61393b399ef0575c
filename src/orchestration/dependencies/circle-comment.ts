import { formatCycle } from '../../queue/index.js';

/** The comment on each issue of a circle. */
export function circleComment(path: readonly string[]): string {
  return [
    `**This issue waits in a circle:** ${formatCycle(path)}`,
    '',
    'Each waits for the next, so that none of them can begin. Take one of these dependencies away: the link, or the line ' +
      'that names it in the text of the issue that waits. Work begins by itself then.',
  ].join('\n');
}

/** What the comment says once the circle is broken. */
export function brokenCircleComment(): string {
  return 'The circle of dependencies that this issue waited in is broken. Nothing needs to be done.';
}
