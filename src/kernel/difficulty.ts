export const DIFFICULTIES = ['easy', 'medium', 'hard'] as const;
/** How hard an issue is, ordered from the least to the most demanding. */
export type Difficulty = (typeof DIFFICULTIES)[number];
