/** Which server it is. */
export interface GiteaVersion {
  readonly product: 'Gitea' | 'Forgejo';
  /** Its own version; of Gitea the same as `gitea`. */
  readonly own: Release;
  /** The Gitea whose interface it has: Forgejo from 7 on says 1.22, whatever it has taken over since. */
  readonly gitea: Release;
}

/** The first two numbers of a version. */
export interface Release {
  readonly major: number;
  readonly minor: number;
}

/** The oldest and the newest that the coordinator was held against (docs/gitea.md). */
export const SUPPORTED_GITEA = { from: { major: 1, minor: 20 }, to: { major: 1, minor: 27 } };
export const SUPPORTED_FORGEJO = { from: { major: 7, minor: 0 }, to: { major: 13, minor: 0 } };

/**
 * Reads what `GET /version` says: `1.26.4` or `1.26.0+dev-489-gc9a038bc4e` of Gitea, `11.0.1+gitea-1.22.0` of Forgejo
 * (its Makefile). Null for anything else.
 */
export function readGiteaVersion(text: string): GiteaVersion | null {
  const own = releaseIn(/^v?(\d+)\.(\d+)(?!\d)/.exec(text));
  if (own === null) return null;
  const gitea = releaseIn(/\+gitea-(\d+)\.(\d+)/.exec(text));
  return { product: gitea ? 'Forgejo' : 'Gitea', own, gitea: gitea ?? own };
}

/** Whether it is of an age that the coordinator works with. */
export function supportOf(version: GiteaVersion): 'too-old' | 'supported' | 'newer' {
  const { from, to } = version.product === 'Gitea' ? SUPPORTED_GITEA : SUPPORTED_FORGEJO;
  if (compare(version.own, from) < 0) return 'too-old';
  // Forgejo counts up the first number with each release: its second is of no account.
  const isNewer = version.product === 'Gitea' ? compare(version.own, to) > 0 : version.own.major > to.major;
  return isNewer ? 'newer' : 'supported';
}

/**
 * What this version makes the coordinator do otherwise, or later, than with the newest it knows, in sentences for the
 * log. Differences that it bridges without a trace stand in docs/gitea.md alone.
 */
export function differencesOfVersion(version: GiteaVersion): readonly string[] {
  const { product, own, gitea } = version;
  const name = `${product} ${own.major}.${own.minor}`;
  const isBefore = (minor: number): boolean => compare(gitea, { major: 1, minor }) < 0;
  const support = supportOf(version);
  const found: string[] = [];
  if (support === 'too-old') {
    found.push(
      `${name} is too old: Gitea 1.20 and Forgejo 7 are the oldest that are supported. Dependencies between issues and scopes of tokens are missing or others.`,
    );
  }
  if (support === 'newer') found.push(`${name} is newer than what this coordinator was held against.`);
  // #34592.
  if (isBefore(25)) found.push(`${name} sends no webhook for an issue that is deleted: only the sweep notices it.`);
  return found;
}

function releaseIn(match: RegExpExecArray | null): Release | null {
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) };
}

function compare(a: Release, b: Release): number {
  return a.major - b.major || a.minor - b.minor;
}
