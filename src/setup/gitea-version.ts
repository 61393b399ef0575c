/** Which server it is. */
export interface GiteaVersion {
  readonly product: 'Gitea' | 'Forgejo';
  /** The Gitea whose API it has. */
  readonly gitea: { readonly major: number; readonly minor: number };
}

/**
 * Reads what `GET /version` says: `1.26.4` or `1.26.0+dev-489-gc9a038bc4e` of Gitea, `11.0.1+gitea-1.22.0` of Forgejo
 * (its Makefile). Null for anything else.
 */
export function readGiteaVersion(text: string): GiteaVersion | null {
  const forgejo = /\+gitea-(\d+)\.(\d+)/.exec(text);
  const gitea = forgejo ?? /^v?(\d+)\.(\d+)\b/.exec(text);
  if (gitea === null) return null;
  return {
    product: forgejo ? 'Forgejo' : 'Gitea',
    gitea: { major: Number(gitea[1]), minor: Number(gitea[2]) },
  };
}
