import { jest } from '@jest/globals';
import { CHEATS_ON_COMMANDS } from './cheats/cheats-on-commands.js';
import { CHEATS_ON_SURROUNDINGS } from './cheats/cheats-on-surroundings.js';
import { describeCheats } from './cheats/describe-cheats.js';

jest.setTimeout(180_000);

describeCheats('commands and surroundings', [...CHEATS_ON_COMMANDS, ...CHEATS_ON_SURROUNDINGS]);
