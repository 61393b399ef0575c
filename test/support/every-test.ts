import { afterEach, expect, beforeEach } from '@jest/globals';

beforeEach(() => {
  // A test without an assertion says nothing.
  expect.hasAssertions();
});

afterEach(() => {
  const processes = process.getActiveResourcesInfo().filter((resource) => resource === 'ProcessWrap');
  if (processes.length > 0) throw new Error('This test left a child process running');
});
