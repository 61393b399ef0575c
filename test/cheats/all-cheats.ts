import type { Cheat } from './cheat.js';
import { CHEATS_ON_COMMANDS } from './cheats-on-commands.js';
import { CHEATS_ON_JEST } from './cheats-on-jest.js';
import { CHEATS_ON_PYTEST } from './cheats-on-pytest.js';
import { CHEATS_ON_REPORTS } from './cheats-on-reports.js';
import { CHEATS_ON_SURROUNDINGS } from './cheats-on-surroundings.js';
import { CHEATS_ON_TESTS } from './cheats-on-tests.js';

export const ALL_CHEATS: readonly Cheat[] = [
  ...CHEATS_ON_COMMANDS,
  ...CHEATS_ON_TESTS,
  ...CHEATS_ON_JEST,
  ...CHEATS_ON_PYTEST,
  ...CHEATS_ON_REPORTS,
  ...CHEATS_ON_SURROUNDINGS,
];
