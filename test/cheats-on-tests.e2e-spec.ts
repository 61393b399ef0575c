import { jest } from '@jest/globals';
import { CHEATS_ON_PYTEST } from './cheats/cheats-on-pytest.js';
import { CHEATS_ON_TESTS } from './cheats/cheats-on-tests.js';
import { describeCheats } from './cheats/describe-cheats.js';

jest.setTimeout(180_000);

describeCheats('tests', [...CHEATS_ON_PYTEST, ...CHEATS_ON_TESTS]);
