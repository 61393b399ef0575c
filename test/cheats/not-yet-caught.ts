const COMPARISON = 'needs the tests and the coverage of the base commit, to compare with';
const OVERLAY = 'needs the settings of tools as the base commit has them';
const BETWEEN = 'needs the checkout and the home of each gate to be free of what an earlier gate left';
const SHADOW = 'needs the folders of installed programs to be free of what the commit put there';

/** Cheats that still succeed, and what would end that. */
export const NOT_YET_CAUGHT: ReadonlyMap<string, string> = new Map([
  ['Has a dependency put a program called node before the real one', SHADOW],
  ['Commits a node_modules/.bin with a program called node', SHADOW],
  ['Gives npm a shell of its own, in .npmrc', OVERLAY],
  ['Rewrites package.json while the build runs', BETWEEN],
  ['Deletes failing tests while the build runs', BETWEEN],
  ['Leaves settings for later gates in their home while the build runs', BETWEEN],
  ['Takes a rule out of the settings of the linter', OVERLAY],
  ['Deletes the tests that fail', COMPARISON],
  ['Skips the tests that fail', COMPARISON],
  ['Marks the tests that fail as still to do', COMPARISON],
  ['Skips a test from within it', COMPARISON],
  ['Renames a test file, so that no runner looks for it', COMPARISON],
  ['Moves the tests behind a condition that is never true', COMPARISON],
  ['Ends the test file early with exit code 0', COMPARISON],
  ['Ends the tests early from the code that they test', COMPARISON],
  ['Adds easy tests in the place of the hard ones', COMPARISON],
  ['Runs one easy test alone, with it.only', COMPARISON],
  ['Has the settings of jest overlook tests', OVERLAY],
  ['Has a set-up file of jest replace what tests expect', OVERLAY],
  ['Deselects the tests that fail, in conftest.py', COMPARISON],
  ['Marks the tests that fail with pytest.mark.skip', COMPARISON],
  ['Expects the tests that fail to fail, with pytest.mark.xfail', COMPARISON],
  ['Adds options to pytest.ini that leave tests out', OVERLAY],
]);
