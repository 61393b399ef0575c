import { describeRunStore } from '../../../test/contracts/run-store.contract.js';
import { FakeClock } from '../../testing/index.js';
import { InMemoryRunStore } from './in-memory-run-store.js';

describeRunStore('InMemoryRunStore', async () => {
  const clock = new FakeClock();
  const tokens = new Map<string, number>();
  const running = new Set<string>();
  return {
    store: new InMemoryRunStore(clock, async (jobId, token) => running.has(jobId) && tokens.get(jobId) === token),
    clock,
    claim: async (jobId) => {
      const token = (tokens.get(jobId) ?? 0) + 1;
      tokens.set(jobId, token);
      running.add(jobId);
      return token;
    },
    release: async (jobId) => void running.delete(jobId),
    close: async () => undefined,
  };
});
