const PREFIX = 'coordinator/';
const DRAFTS = `${PREFIX}wip/`;
const LONGEST_SLUG = 40;
/** A shorter slug than this is not cut back further to end with a whole word. */
const SHORTEST_CUT = 20;

/** The branch of an issue's work: `coordinator/<number>-<slug>`, in ASCII, with at most 40 characters of the title. */
export function branchName(number: number, title: string): string {
  return `${PREFIX}${number}-${slug(title)}`;
}

/** What the branches of an issue begin with, whatever its title was. */
export function branchPrefix(number: number): string {
  return `${PREFIX}${number}-`;
}

/** Whether a branch is one of ours. Nothing else is ever pushed to. */
export function isWorkBranch(branch: string): boolean {
  return /^coordinator\/[1-9]\d{0,14}-[a-z0-9-]{1,40}$/.test(branch);
}

/**
 * Where the work of a branch is kept while no gate has passed it: `coordinator/wip/<number>-<slug>`. It is no work branch,
 * so that nobody takes it for one.
 */
export function draftBranch(workBranch: string): string {
  return `${DRAFTS}${workBranch.slice(PREFIX.length)}`;
}

/** The branch that the draft of is kept there; null where it is no branch of drafts. */
export function branchOfDraft(branch: string): string | null {
  const workBranch = `${PREFIX}${branch.slice(DRAFTS.length)}`;
  return branch.startsWith(DRAFTS) && isWorkBranch(workBranch) ? workBranch : null;
}

/**
 * Whether git accepts the text as the name of a branch, and so do we: the rules of git-check-ref-format(1) with a
 * length that leaves room for the reference's directory.
 */
export function isBranchName(name: string): boolean {
  if (name.length > 200 || name.startsWith('-') || name === '@' || name === 'HEAD') return false;
  if (FORBIDDEN.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\.$/;

function slug(title: string): string {
  const words = title
    .slice(0, 500)
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (words.length <= LONGEST_SLUG) return words || 'issue';
  const cut = words.slice(0, LONGEST_SLUG + 1);
  const end = cut.lastIndexOf('-');
  return end >= SHORTEST_CUT ? cut.slice(0, end) : cut.slice(0, LONGEST_SLUG);
}
