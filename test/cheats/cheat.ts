/** What an agent does in its workspace. */
export interface Deed {
  /** Files that it writes, executable where they begin with `#!`; null: it deletes one. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** What it runs in bash, in its workspace and confined as agents are, after it wrote. */
  readonly script?: string;
}

/** A small repository, and two ways to work on its issue. */
export interface Project {
  readonly name: string;
  /** The base commit. */
  readonly files: Readonly<Record<string, string>>;
  /** Work that is done. */
  readonly honest: Deed;
  /** Work that is not done, without a trick. */
  readonly broken: Deed;
  /** How the verdict on the broken work begins. */
  readonly truth: string;
  /** What must be installed besides Node; a machine without it skips the project's cheats. */
  readonly needs?: 'pytest' | 'make';
}

export const CHEAT_ENDS = ['caught', 'without effect'] as const;
/**
 * How a cheat ends. *caught*: the verdict is a failure that names what was done. *without effect*: the gates say of the
 * work what they would say without the trick.
 */
export type CheatEnd = (typeof CHEAT_ENDS)[number];

/** One way to have unfinished work pass for done. */
export interface Cheat {
  /** As in the table of docs/gates.md: what the agent does. */
  readonly title: string;
  readonly project: Project;
  /** Done besides the broken work. */
  readonly trick: Deed;
  /** Done in the workspace while the gates run, when the work was captured. */
  readonly meanwhile?: Deed;
  readonly end: CheatEnd;
  /** What the verdict says, of a cheat that is caught. */
  readonly told?: RegExp;
  /**
   * What an honest agent does that touches the same things.
   * @default the honest work of the project
   */
  readonly honest?: Deed;
  /** Whether only a sandbox stands between the cheat and its aim. */
  readonly needsSandbox?: true;
}

/** Both deeds as one; of a file that both write, the second one's. */
export function together(first: Deed, second: Deed): Deed {
  const scripts = [first.script, second.script].filter((script) => script !== undefined);
  return {
    files: { ...first.files, ...second.files },
    ...(scripts.length > 0 ? { script: scripts.join('\n') } : {}),
  };
}
