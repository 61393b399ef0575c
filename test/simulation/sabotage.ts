import type { JobMove, JobStore } from '../../src/queue/index.js';
import type { DeliveryLog } from '../../src/webhook/index.js';
import { replaced } from './replaced.js';

/** A protection that is taken out, to see whether the simulation notices. */
export interface Sabotage {
  readonly name: string;
  readonly jobs: (store: JobStore) => JobStore;
  readonly deliveries: (log: DeliveryLog) => DeliveryLog;
  readonly fencesRuns: boolean;
  readonly killsTree: boolean;
}

/** Nothing is taken out. */
export const UNSPOILT: Sabotage = {
  name: 'nothing',
  jobs: (store) => store,
  deliveries: (log) => log,
  fencesRuns: true,
  killsTree: true,
};

function unfenced({ fencingToken, ...move }: JobMove): JobMove {
  return move;
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    ...UNSPOILT,
    name: 'a job is moved whatever the token',
    jobs: (store) => replaced(store, { move: (move) => store.move(unfenced(move)) }),
  },
  { ...UNSPOILT, name: 'progress is written whatever the token', fencesRuns: false },
  {
    ...UNSPOILT,
    name: 'every renewal is granted',
    jobs: (store) => replaced(store, { renew: async () => true }),
  },
  {
    ...UNSPOILT,
    name: 'a claim looks at no limits',
    jobs: (store) =>
      replaced(store, {
        claim: (request) => store.claim({ ...request, limits: { global: 100, perRepository: 100, perProfile: {} } }),
      }),
  },
  {
    ...UNSPOILT,
    name: 'jobs are reopened while their leases hold',
    jobs: (store) =>
      replaced(store, {
        reopenAbandoned: async (_dead, reason) => {
          const holders = (await store.list({ states: ['running'] })).flatMap(({ lease }) => lease?.holder ?? []);
          return store.reopenAbandoned(holders, reason);
        },
      }),
  },
  {
    ...UNSPOILT,
    name: 'a claim looks at no blockers',
    jobs: (store) =>
      replaced(store, {
        put: (draft, reason) =>
          store.put({ ...draft, blockers: draft.blockers.map(({ issue }) => ({ issue, isFinished: true })) }, reason),
      }),
  },
  {
    ...UNSPOILT,
    name: 'deliveries are settled before they are acted upon',
    deliveries: (log) =>
      replaced(log, {
        unsettled: async (limit) => {
          const deliveries = await log.unsettled(limit);
          await log.settle(deliveries.map(({ id }) => id));
          return deliveries;
        },
      }),
  },
  {
    ...UNSPOILT,
    name: 'deliveries are accepted before they are stored',
    deliveries: (log) =>
      replaced(log, {
        record: async () => 'accepted',
      }),
  },
  { ...UNSPOILT, name: 'an agent outlives its session', killsTree: false },
];
