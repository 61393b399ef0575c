import { jest } from '@jest/globals';
import { CHEATS_ON_JEST } from './cheats/cheats-on-jest.js';
import { CHEATS_ON_REPORTS } from './cheats/cheats-on-reports.js';
import { describeCheats } from './cheats/describe-cheats.js';

jest.setTimeout(180_000);

describeCheats('reports and settings', [...CHEATS_ON_JEST, ...CHEATS_ON_REPORTS]);
