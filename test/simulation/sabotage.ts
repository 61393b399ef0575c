import type { JobMove, JobStore } from '../../src/queue/index.js';
import type { DeliveryLog } from '../../src/webhook/index.js';
import { replaced } from './replaced.js';

/** A protection that is taken out, to see whether the simulation notices. */
export interface Sabotage {
  readonly name: string;
  /** What the simulation says of it, one or the other. */
  readonly notices: RegExp;
  readonly jobs: (store: JobStore) => JobStore;
  readonly deliveries: (log: DeliveryLog) => DeliveryLog;
  readonly fencesRuns: boolean;
  readonly killsTree: boolean;
}

/** Nothing is taken out. */
export const UNSPOILT: Sabotage = {
  name: 'nothing',
  notices: /^$/,
  jobs: (store) => store,
  deliveries: (log) => log,
  fencesRuns: true,
  killsTree: true,
};

function unfenced({ fencingToken: _taken, ...move }: JobMove): JobMove {
  return move;
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    ...UNSPOILT,
    name: 'a job is moved whatever the token',
    notices: /A move of .+ was accepted/,
    jobs: (store) => replaced(store, { move: (move) => store.move(unfenced(move)) }),
  },
  {
    ...UNSPOILT,
    name: 'progress is written whatever the token',
    notices: /Progress of .+ was accepted under token/,
    fencesRuns: false,
  },
  {
    ...UNSPOILT,
    name: 'every renewal is granted',
    notices: /An agent lives on .+ whose claim ended|Two agents live/,
    jobs: (store) => replaced(store, { renew: async () => true }),
  },
  {
    ...UNSPOILT,
    name: 'a claim looks at no limits',
    notices: /and the limit is/,
    jobs: (store) =>
      replaced(store, {
        claim: (request) => store.claim({ ...request, limits: { global: 100, perRepository: 100, perProfile: {} } }),
      }),
  },
  {
    ...UNSPOILT,
    name: 'jobs are reopened while their leases hold',
    notices: /An agent lives on .+ whose claim ended/,
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
    name: 'a job that was taken from a working agent is free at once',
    notices: /Two agents live/,
    jobs: (store) =>
      replaced(store, {
        move: async (move) => {
          const change = await store.move(move);
          await store.release(move.jobId, change.job.fencingToken);
          return change;
        },
      }),
  },
  {
    ...UNSPOILT,
    name: 'a claim looks at no blockers',
    notices: /was claimed, and .+ blocked it all the time/,
    jobs: (store) =>
      replaced(store, {
        put: (draft, reason) =>
          store.put({ ...draft, blockers: draft.blockers.map(({ issue }) => ({ issue, isFinished: true })) }, reason),
      }),
  },
  {
    ...UNSPOILT,
    name: 'deliveries are settled before they are acted upon',
    notices: /was settled, and nobody has looked/,
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
    notices: /was accepted and is lost|nothing recorded it/,
    deliveries: (log) =>
      replaced(log, {
        record: async () => 'accepted',
      }),
  },
  {
    ...UNSPOILT,
    name: 'an agent outlives its session',
    notices: /An agent lives on .+ whose claim ended/,
    killsTree: false,
  },
];
