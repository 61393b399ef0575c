/** The account as people read it. */
export function table(result) {
  const { faults, recovered, answers } = result;
  const rows = [
    ['accepted deliveries (different ids)', result.accepted],
    ['processed', result.processed],
    ['answered accepted / duplicate / ignored', `${answers.accepted} / ${answers.duplicate} / ${answers.ignored}`],
    ['answered otherwise / not at all', `${answers.refused} / ${answers.unanswered}`],
    ['issues', result.issues],
    ['steps of agents', result.agentSteps],
    ['kill -9 of coordinators', faults.kills],
    ['  of them at a commit point', faults.killsAtCommitPoints],
    ['  commit points met, of those known', `${faults.commitPointsMet} of ${faults.commitPoints}`],
    ['kill -9 of the database', faults.databaseKills],
    ['pauses longer than the lease', faults.pauses],
    ['  of them at a commit point', faults.pausesAtCommitPoints],
    ['jumps of the wall clock', faults.clockJumps],
    ['answers of Gitea lost', faults.answersLost],
    ['from a kill to readiness', spread(recovered.toReadyMs)],
    ['from a kill to the next run', spread(recovered.toStartMs)],
    null,
    ...Object.entries(result.mustBeZero),
  ];
  const width = Math.max(...rows.map((row) => row?.[0].length ?? 0));
  const lines = rows.map((row) => (row === null ? '-'.repeat(width + 12) : `${row[0].padEnd(width)}  ${row[1]}`));
  const end = result.isComplete ? [] : ['It took longer than --minutes allows, and is no proof.'];
  return [
    ...lines,
    ...result.examples.map((example) => `! ${example}`),
    ...end,
    `seed ${result.seed}, ${result.minutes.toFixed(1)} minutes`,
  ].join('\n');
}

function spread({ count, p50, max }) {
  return `p50 ${p50} ms, max ${max} ms (${count})`;
}
