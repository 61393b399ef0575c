import { describeStartSource } from '../../test/contracts/start-source.contract.js';
import { InMemoryStarts } from './in-memory-starts.js';

describeStartSource('InMemoryStarts', async () => {
  const source = new InMemoryStarts();
  let issues = 0;
  return {
    source,
    openIssue: () => {
      issues += 1;
      return { owner: 'acme', repo: 'shop', number: issues };
    },
    assign: (ref, login) => void source.begin(ref, { id: 7, login }),
    reopen: (ref, login) => void source.begin(ref, { id: 7, login }),
    disturb: () => undefined,
    end: async () => undefined,
  };
});
