import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { FakeClock } from '../testing/index.js';
import { ContextMonitorService, resolveContextMonitorOptions, type ContextAssessment } from './index.js';

const COMPACT_AT = 80;
const ROTATE_AT = 95;
const COOL_BELOW = 65;
const TURNS_WHILE_UNKNOWN = 3;

/** What a runtime may tell of a session, in percent of its window. */
type Told =
  | { readonly kind: 'reading'; readonly used: number | null }
  | { readonly kind: 'unknown-turn' }
  | { readonly kind: 'compaction'; readonly used: number | null; readonly succeeded: boolean };

/** Lean towards the thresholds, where things happen; falling counters and resets come by themselves. */
const used = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 60, max: 100 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 130 }) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const told: fc.Arbitrary<Told> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('reading' as const), used }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unknown-turn' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('compaction' as const), used, succeeded: fc.boolean() }) },
);
const stream = fc.array(told, { maxLength: 60 });

function aMonitor(): ContextMonitorService {
  return new ContextMonitorService(
    resolveContextMonitorOptions({ turnsWhileUnknown: TURNS_WHILE_UNKNOWN }),
    new FakeClock(),
  );
}

function tell(monitor: ContextMonitorService, sessionId: string, what: Told): ContextAssessment {
  switch (what.kind) {
    case 'reading':
      return monitor.assess({ sessionId, usedTokens: what.used, usableTokens: 100 });
    case 'unknown-turn':
      return monitor.assessUnknownTurn(sessionId);
    case 'compaction':
      return monitor.assessCompaction({ sessionId, usedTokens: what.used, usableTokens: 100 }, what.succeeded);
  }
}

/** Whether a property holds for whatever a runtime may tell of one session. */
function holds(property: (all: readonly Told[], assessed: readonly ContextAssessment[]) => boolean): () => void {
  return () =>
    fc.assert(
      fc.property(stream, (all) => {
        const monitor = aMonitor();
        return property(
          all,
          all.map((what) => tell(monitor, 'one', what)),
        );
      }),
      { numRuns: 500 },
    );
}

describe('whatever a runtime tells of its window', () => {
  it('a session never goes on at or over the threshold at which it is replaced', () => {
    expect(
      holds((_, assessed) => assessed.every(({ usage, action }) => (usage ?? 0) < 0.95 || action === 'rotate')),
    ).not.toThrow();
  });

  it('a session never just goes on at or over the threshold of compacting', () => {
    expect(
      holds((_, assessed) => assessed.every(({ usage, action }) => (usage ?? 0) < 0.8 || action !== 'continue')),
    ).not.toThrow();
  });

  it('a change of action is told once, and nothing else is', () => {
    expect(
      holds((_, assessed) =>
        assessed.every(({ action, changed }, at) => changed === (assessed[at - 1]?.action !== action)),
      ),
    ).not.toThrow();
  });

  it('unknown is no share of a window, and never a reason to compact', () => {
    expect(
      holds((all, assessed) =>
        all.every((what, at) => {
          const isUnknown = what.kind === 'unknown-turn' || what.used === null || what.used === 0;
          return (assessed[at]?.usage === null) === isUnknown && !(isUnknown && assessed[at]?.action === 'compact');
        }),
      ),
    ).not.toThrow();
  });

  it('what is unknown in between changes nothing of what a reading means', () => {
    expect(
      holds((all, assessed) => {
        const monitor = aMonitor();
        const known = all.flatMap((what, at) =>
          what.kind === 'reading' && (what.used === null || what.used === 0) ? [] : [{ what, at }],
        );
        return known.every(({ what, at }) => tell(monitor, 'one', what).action === assessed[at]?.action);
      }),
    ).not.toThrow();
  });

  it('a session is replaced when too many turns in a row told nothing', () => {
    expect(
      holds((all, assessed) => {
        let turns = 0;
        return all.every((what, at) => {
          if (what.kind === 'unknown-turn') turns += 1;
          else if (what.used !== null && what.used > 0) turns = 0;
          return turns <= TURNS_WHILE_UNKNOWN || assessed[at]?.action === 'rotate';
        });
      }),
    ).not.toThrow();
  });

  it('sessions that take turns are assessed as if each were alone', () => {
    const interleaved = fc.array(fc.tuple(fc.constantFrom('one', 'two', 'three'), told), { maxLength: 80 });
    const isAlike = (all: readonly (readonly [string, Told])[]): boolean => {
      const shared = aMonitor();
      const together = all.map(([id, what]) => tell(shared, id, what));
      const alone = new Map<string, ContextMonitorService>();
      return all.every(([id, what], at) => {
        const own = alone.get(id) ?? aMonitor();
        alone.set(id, own);
        return JSON.stringify(tell(own, id, what)) === JSON.stringify(together[at]);
      });
    };

    expect(() => fc.assert(fc.property(interleaved, isAlike))).not.toThrow();
  });
});

describe('a session that is compacted and replaced as it is told', () => {
  /** What each compaction of a life brings the session down to, or that it fails; and how far each call fills it. */
  const life = fc.record({
    calls: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 200 }),
    compactions: fc.array(
      fc.record({ leaves: fc.integer({ min: 5, max: 99 }), isTold: fc.boolean(), fails: fc.boolean() }),
      { minLength: 1, maxLength: 10 },
    ),
  });

  it('is compacted at most once between two falls below the cool-down, and never overfull', () => {
    const isBounded = ({ calls, compactions }: typeof life extends fc.Arbitrary<infer T> ? T : never): boolean => {
      const monitor = aMonitor();
      let session = 0;
      let occupied = 5;
      let sinceCool = 0;
      let compacted = 0;
      for (const grown of calls) {
        occupied = occupied + grown;
        const reading = { kind: 'reading', used: occupied } as const;
        let { action } = tell(monitor, String(session), reading);
        if (occupied < COOL_BELOW) sinceCool = 0;
        if (occupied >= ROTATE_AT && action !== 'rotate') return false;
        if (occupied >= COMPACT_AT && action === 'continue') return false;
        if (action === 'compact') {
          const outcome = compactions[compacted % compactions.length] ?? { leaves: 5, isTold: true, fails: false };
          compacted += 1;
          sinceCool += 1;
          if (sinceCool > 1) return false;
          if (!outcome.fails) occupied = Math.min(occupied, outcome.leaves);
          const used = outcome.isTold ? occupied : null;
          if (used !== null && used < COOL_BELOW) sinceCool = 0;
          ({ action } = tell(monitor, String(session), { kind: 'compaction', used, succeeded: !outcome.fails }));
        }
        if (action === 'rotate') {
          monitor.forget(String(session));
          session += 1;
          occupied = 5;
          sinceCool = 0;
        }
      }
      return true;
    };

    expect(() => fc.assert(fc.property(life, isBounded), { numRuns: 500 })).not.toThrow();
  });
});
