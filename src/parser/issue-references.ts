import { isRepositoryName, issueKey, type IssueRef } from '../kernel/index.js';

/** `#12` or `owner/repo#12`, no part of a word or an address. Starts once a word and is bounded, so that it stays linear. */
const REFERENCE = /(?<![\w./#@-])(?:([\w.-]{1,100})\/([\w.-]{1,100}))?#(\d{1,15})(?!\w)/g;
/** One more of a list: no two repetitions that could share what stands between, or backtracking would be quadratic. */
const LEADING = new RegExp(`[\\s,;&[\\]]*(?:and\\s[\\s[]*)?${REFERENCE.source}`, 'y');

/**
 * The issues that a text names, in order, each once: `#12` of `home`'s repository, and `owner/repo#12`. Addresses are not
 * followed, and `home` itself is left out, as no issue waits for itself.
 */
export function findReferences(text: string, home: IssueRef): IssueRef[] {
  return distinct(
    [...text.matchAll(REFERENCE)].map((match) => toRef(match, home)),
    home,
  );
}

/** The references that a text begins with, up to the first other word. Notes in parentheses do not end them. */
export function leadingReferences(text: string, home: IssueRef): IssueRef[] {
  const noted = withoutNotes(text);
  const found: (IssueRef | null)[] = [];
  LEADING.lastIndex = 0;
  for (let match = LEADING.exec(noted); match !== null; match = LEADING.exec(noted)) found.push(toRef(match, home));
  return distinct(found, home);
}

/** The text without what stands in parentheses: a note beside a reference, or the address of a Markdown link. */
export function withoutNotes(text: string): string {
  return text.replace(/\([^()]*\)/g, ' ');
}

function toRef([, owner, repo, digits]: readonly (string | undefined)[], home: IssueRef): IssueRef | null {
  const ref = { owner: owner ?? home.owner, repo: repo ?? home.repo, number: Number(digits) };
  return isRepositoryName(ref.owner) && isRepositoryName(ref.repo) && ref.number > 0 ? ref : null;
}

/** Each once, by what Gitea counts as the same name. */
export function distinct(refs: readonly (IssueRef | null)[], home: IssueRef): IssueRef[] {
  const seen = new Set([issueKey(home)]);
  return refs.filter((ref): ref is IssueRef => {
    if (ref === null || seen.has(issueKey(ref))) return false;
    seen.add(issueKey(ref));
    return true;
  });
}
