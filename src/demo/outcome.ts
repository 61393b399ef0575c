/** A job as the coordinator's API shows it: the part the demonstration reads. */
export interface ShownJob {
  readonly issue: string;
  readonly state: string;
  readonly why: string;
  readonly profile: string;
  readonly progress: {
    readonly rejections: number;
    readonly compactions: number;
    readonly spend: Readonly<Record<'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens', number>>;
    readonly verdict: { readonly results: readonly { readonly gate: string; readonly passed: boolean }[] } | null;
    readonly pullRequest: { readonly number: number } | null;
  };
}

/** What the demonstration saw besides. */
export interface Sighting {
  /** Issue numbers in the order in which their pull requests were merged. */
  readonly merged: readonly number[];
  /** Seconds from claim to pull request, by issue number. */
  readonly seconds: ReadonlyMap<number, number>;
}

/** What is wrong with the end, in sentences; empty when it is as it must be. */
export function faultsOf(jobs: readonly ShownJob[], { merged }: Sighting): readonly string[] {
  const faults: string[] = [];
  const expect = (isRight: boolean, fault: string): void => void (isRight || faults.push(fault));
  const job = (number: number): ShownJob | undefined => jobs.find(({ issue }) => issue.endsWith(`#${number}`));

  for (const number of [1, 2, 3]) {
    expect(job(number)?.state === 'completed', `issue #${number} is not completed: ${job(number)?.why ?? 'no job'}`);
    expect(merged.includes(number), `the work on issue #${number} was not merged`);
    const results = job(number)?.progress.verdict?.results ?? [];
    expect(
      results.length >= 4 && results.every(({ passed }) => passed),
      `the gates of issue #${number} did not all pass`,
    );
  }
  expect(merged[0] === 1, 'issue #1 was not the first to be merged, though it blocks the others');
  expect((job(1)?.progress.rejections ?? 0) > 0, 'the gates never rejected the work on issue #1');
  expect((job(2)?.progress.compactions ?? 0) > 0, 'the session of issue #2 was never compacted');
  return faults;
}

/** The table at the end. */
export function endTable(jobs: readonly ShownJob[], { seconds }: Sighting): string {
  const head = ['issue', 'agent', 'rejected', 'compacted', 'gates', 'pull request', 'tokens', 'seconds'];
  const rows = jobs.map(({ issue, profile, progress }) => {
    const number = Number(issue.split('#')[1]);
    const results = progress.verdict?.results ?? [];
    return [
      `#${number}`,
      profile,
      String(progress.rejections),
      String(progress.compactions),
      results.map(({ gate, passed }) => `${passed ? '✓' : '✗'} ${gate}`).join(' '),
      progress.pullRequest === null ? 'none' : `#${progress.pullRequest.number}`,
      Object.values(progress.spend)
        .reduce((sum, tokens) => sum + tokens, 0)
        .toLocaleString('en-US'),
      (seconds.get(number) ?? 0).toFixed(1),
    ];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const print = (cells: readonly string[]): string => cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('   ');
  const rule = widths.map((width) => '─'.repeat(width));
  return [print(head), print(rule), ...rows.map(print)].map((line) => `  ${line.trimEnd()}`).join('\n');
}
