/** Whether two logins are one account's: Gitea's ignore case. */
export function isSameLogin(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
