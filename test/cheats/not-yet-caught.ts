/** Cheats that still succeed, each with what would end that. */
export const NOT_YET_CAUGHT: ReadonlyMap<string, string> = new Map<string, string>([]);
