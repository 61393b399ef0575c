import { describe, expect, it } from '@jest/globals';
import { CLOSURE_CAUSES, TURN_STOPS } from '../src/agents/index.js';
import { BUDGET_SCOPES } from '../src/budgets/index.js';
import { confidenceBand } from '../src/parser/index.js';
import { RUN_PHASES } from '../src/orchestration/index.js';
import { decideIntake, type IssueFact } from '../src/orchestration/intake/decide-intake.js';
import { GATE_FAULTS } from '../src/quality-gates/index.js';
import { JOB_STATES } from '../src/queue/index.js';
import { eventKind } from '../src/webhook/event-kind.js';
import { readDocument, tableRows } from './support/documents.js';

const SPEC = readDocument('SPEC.md');

const OPEN: IssueFact = {
  isGone: false,
  isOpen: true,
  isAssigned: true,
  start: 'known',
  mayStart: true,
  isEdited: false,
  mayEdit: true,
  isAnswered: false,
  halt: null,
  order: null,
};
const ANEW: IssueFact = { ...OPEN, start: 'new' };

/** In the order of the columns. Whoever is assigned, and what was edited, matters only where work is wanted. */
const COLUMNS: readonly (readonly IssueFact[])[] = [
  [OPEN],
  either(ANEW, 'isAnswered'),
  either({ ...ANEW, mayStart: false }, 'isAnswered', 'isEdited', 'mayEdit'),
  either({ ...OPEN, isEdited: true }, 'isAnswered'),
  either({ ...OPEN, isEdited: true, mayEdit: false }, 'isAnswered'),
  [{ ...OPEN, isAnswered: true }],
  either({ ...OPEN, isAssigned: false }, 'isEdited', 'isAnswered', 'mayStart', 'mayEdit'),
  either({ ...OPEN, isOpen: false }, 'isEdited', 'isAnswered', 'isAssigned', 'mayStart', 'mayEdit'),
  either({ ...OPEN, isGone: true }, 'isEdited', 'isAnswered', 'isAssigned', 'isOpen', 'mayStart', 'mayEdit'),
];

describe('SPEC.md', () => {
  it('says what intake decides, for every state of a job and everything that can be true of an issue', () => {
    const rows = tableRows(SPEC, 'Job');

    const decided = [null, ...JOB_STATES].map((state) => [
      state ?? 'none',
      ...COLUMNS.map((facts) => [...new Set(facts.map((fact) => decideIntake(fact, state)))].join(' or ')),
    ]);
    expect(COLUMNS.flat()).toHaveLength(128);
    expect(rows).toEqual(decided);
  });

  it('lists the events of interest, and no other', () => {
    const listed = tableRows(SPEC, 'Kind').flatMap(([kind = '', actions = '']) =>
      [...actions.matchAll(/`?(\w+)`?/g)].map(([, action = '']) => ({ kind, action })),
    );
    const kinds = [
      ...new Set(listed.map(({ kind }) => kind)),
      'issue_milestone',
      'pull_request_sync',
      'push',
      'toString',
    ];
    const actions = [...new Set(listed.map(({ action }) => action)), 'milestoned', 'synchronized'];

    const interesting = kinds.flatMap((kind) =>
      actions
        .filter((action) => eventKind({ 'x-gitea-event-type': kind }, action).interest !== 'none')
        .map((action) => ({ kind, action })),
    );
    expect(listed).toHaveLength(19);
    expect(listed).toEqual(expect.arrayContaining(interesting));
    expect(interesting).toHaveLength(listed.length);
  });

  it('names the bands of confidence where the parser draws them', () => {
    const bands = tableRows(SPEC, 'Confidence').map(([band]) => band);

    expect(bands).toEqual(['from 0.6', '0.3 to 0.6', 'below 0.3']);
    expect([0.6, 0.599, 0.3, 0.299].map(confidenceBand)).toEqual([
      'queue',
      'queue-with-warning',
      'queue-with-warning',
      'ask',
    ]);
  });

  it('says of every phase what follows when it fails', () => {
    expect(tableRows(SPEC, 'Phase').map(([phase]) => phase)).toEqual([...RUN_PHASES]);
  });

  it('says of every way in which a turn ends what follows', () => {
    expect(tableRows(SPEC, 'Turn ends as').map(([stop]) => stop)).toEqual([...TURN_STOPS]);
  });

  it('says of every cause how long it closes a profile', () => {
    expect(tableRows(SPEC, 'Cause').map(([cause]) => cause)).toEqual([...CLOSURE_CAUSES]);
  });

  it('says of every budget what it counts', () => {
    expect(tableRows(SPEC, 'Budget').map(([scope]) => scope)).toEqual([...BUDGET_SCOPES]);
  });

  it('says of every fault of a gate what follows', () => {
    expect(tableRows(SPEC, 'Fault').map(([fault]) => fault)).toEqual([...GATE_FAULTS]);
  });
});

/** A fact with each combination of these being true and false. */
function either(fact: IssueFact, ...keys: readonly (keyof IssueFact)[]): readonly IssueFact[] {
  return keys.reduce<readonly IssueFact[]>(
    (facts, key) => facts.flatMap((one) => [true, false].map((value) => ({ ...one, [key]: value }))),
    [fact],
  );
}
