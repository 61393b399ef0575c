/** What git check-ref-format(1) forbids in a branch name, and a dash in front, which programs take for an option. */
const FORBIDDEN = /^[-/.]|[\0-\x20\x7f~^:?*[\\]|\.\.|\/[/.]|@\{|[/.]$|\.lock(\/|$)|^@$/;

/** Whether `name` can be a branch. */
export function isBranchName(name: string): boolean {
  return name !== '' && name.length <= 255 && !FORBIDDEN.test(name);
}
