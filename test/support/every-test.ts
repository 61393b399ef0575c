import { afterEach, expect, beforeEach } from '@jest/globals';

beforeEach(() => {
  // A test without an assertion says nothing.
  expect.hasAssertions();
});

afterEach(async () => {
  // Node lets go of a process that has ended after the immediates of that turn.
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const processes = process.getActiveResourcesInfo().filter((resource) => resource === 'ProcessWrap');
  if (processes.length > 0) throw new Error('This test left a child process running');
});
