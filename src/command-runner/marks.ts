/** In the environment of everything a command starts: which command it was. */
export const COMMAND_MARK = 'MOSAIC_COMMAND';
/** In the environment of everything a coordinator starts: which coordinator it was. */
export const OWNER_MARK = 'MOSAIC_OWNER';
