/** How much of a text nobody sees who reads it in the tracker, by kind, and how much was cut off. */
export interface HiddenText {
  /** Characters that show nothing, however they were written. */
  readonly invisibleCharacters: number;
  /** HTML comments, and what is treated as such. */
  readonly comments: number;
  /** Elements that are not shown, with all that stands in them. */
  readonly elements: number;
  /** Texts that belong to a link, an image, a tag, a heading or a code block and are not shown with it. */
  readonly asides: number;
  /** Definitions of links and footnotes that say more than where something is, or that nothing refers to. */
  readonly definitions: number;
  /** Characters beyond the longest text that is taken, in UTF-16 units. */
  readonly cutCharacters: number;
}

/** The same while it is counted. */
export type HiddenTally = { -readonly [Kind in keyof HiddenText]: number };

export function emptyTally(): HiddenTally {
  return { invisibleCharacters: 0, comments: 0, elements: 0, asides: 0, definitions: 0, cutCharacters: 0 };
}
