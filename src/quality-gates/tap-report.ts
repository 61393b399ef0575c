import { plainText } from './plain-text.js';
import { TestCollector } from './test-report.js';
import type { TestReading } from './test-report.types.js';

const POINT = /^( {0,400})(not )?ok\b(?: +\d+)?(?: +- | +)?(.*)$/;
const PLAN = /^( {0,400})1\.\.(\d{1,9})\b/;
const SUBTEST = /^( {0,400})# Subtest: (.*)$/;
const MAX_DEPTH = 100;
/** A subtest stands four spaces to the right of its test. testanything.org, version 14. */
const INDENT = 4;
/** Lines of a diagnosis that say nothing of the cause. */
const UNTOLD = /^(?:duration_ms|location|type|failureType|code|name|operator|at|at:|source):?\b/;
/** node:test counts a file without any test as one that passed, under the file's path. */
const FILE = /^\S*(?:\/\S+|\.test|\.spec)\.[cm]?[jt]sx?$/;

/** Whether a text is a report of the Test Anything Protocol. */
export function isTapReport(text: string): boolean {
  return /^(?:TAP version 1[34]\b|1\.\.\d|(?:not )?ok\b|# Subtest: )/.test(text);
}

/**
 * Reads TAP, version 13 or 14, as node:test, tape, tap, bats and prove write it. Tests with subtests are counted by these.
 * What its plan announces and never came has failed, and so has a run that bailed out; without a plan it is cut off.
 */
export function readTapReport(text: string, shown?: (text: string) => string): TestReading {
  const reading = new TapReading(new TestCollector(shown));
  for (const line of plainText(text).split('\n')) reading.read(line);
  return reading.end();
}

class TapReading {
  /** Of each depth, since the last point further out: the points, and the failed ones. */
  private readonly depths: { points: number; failed: number }[] = [];
  private readonly subtests: string[] = [];
  private planned: number | null = null;
  private hasBailed = false;
  /** Tests whose subtests stand below them, between braces, with whether they failed. */
  private readonly braces: { readonly depth: number; readonly name: readonly string[]; readonly isBad: boolean }[] = [];
  /** A failed point whose diagnosis may follow. */
  private failure: { readonly name: readonly string[]; readonly diagnosis: string[]; isOpen: boolean } | null = null;

  constructor(private readonly collector: TestCollector) {}

  read(line: string): void {
    if (this.failure?.isOpen === true && line.trim() !== '...') {
      if (this.failure.diagnosis.length < 60) this.failure.diagnosis.push(line.trim());
      return;
    }
    if (this.failure && line.trim() === '---') {
      this.failure.isOpen = true;
      return;
    }
    this.settleFailure();
    const point = POINT.exec(line);
    if (point) {
      this.point(depthOf(point[1]), point[2] !== undefined, point[3] ?? '');
      return;
    }
    const subtest = SUBTEST.exec(line);
    if (subtest) {
      const depth = depthOf(subtest[1]);
      this.subtests.length = Math.min(this.subtests.length, depth);
      this.subtests[depth] = subtest[2] ?? '';
    }
    if (line.trim() === '}') this.closeBrace();
    const plan = PLAN.exec(line);
    if (plan?.[1] === '') this.planned = Number(plan[2]);
    if (/^\s*Bail out!/.test(line)) {
      this.hasBailed = true;
      this.collector.add([line.trim()], 'failed');
    }
  }

  end(): TestReading {
    this.settleFailure();
    const seen = this.depths[0]?.points ?? 0;
    if (this.planned === null && !this.hasBailed) return { problem: 'It is cut off: it has no plan' };
    const missing = (this.planned ?? 0) - seen;
    if (missing > 0) this.collector.add([`${missing} of ${this.planned} planned tests`], 'failed', 'They never ended');
    return { report: this.collector.report('TAP') };
  }

  /** Beyond the last closing brace, what came inside is no longer below the next point. */
  private closeBrace(): void {
    const brace = this.braces.pop();
    if (!brace) return;
    const hasFailedBelow = this.depths.slice(brace.depth + 1).some(({ failed }) => failed > 0);
    if (brace.isBad && !hasFailedBelow) this.collector.add(brace.name, 'failed');
    this.depths.length = Math.min(this.depths.length, brace.depth + 1);
  }

  private point(depth: number, isBad: boolean, said: string): void {
    const below = this.depths.slice(depth + 1);
    const isParent = below.some(({ points }) => points > 0);
    const hasFailedBelow = below.some(({ failed }) => failed > 0);
    this.depths.length = Math.min(this.depths.length, depth + 1);
    for (let level = this.depths.length; level <= depth; level += 1) this.depths.push({ points: 0, failed: 0 });
    const [description, directive] = parted(said);
    const isExcused = directive !== null;
    const opens = /(?:^| )\{$/.test(said);
    const here = this.depths[depth];
    if (here) {
      here.points += 1;
      if (isBad && !isExcused) here.failed += 1;
    }
    const name = [...this.subtests.slice(0, depth), description];
    if (opens) {
      this.subtests.length = Math.min(this.subtests.length, depth);
      this.subtests[depth] = description;
      if (this.braces.length <= MAX_DEPTH) this.braces.push({ depth, name, isBad: isBad && !isExcused });
    } else if (isBad && !isExcused) {
      if (!hasFailedBelow) this.failure = { name, diagnosis: [], isOpen: false };
    } else if (!isParent && !FILE.test(description)) {
      this.collector.add(name, isExcused ? 'skipped' : 'passed');
    }
  }

  private settleFailure(): void {
    if (!this.failure) return;
    const told = this.failure.diagnosis.filter((line) => !UNTOLD.test(line));
    const stack = told.findIndex((line) => line.startsWith('stack:'));
    this.collector.add(this.failure.name, 'failed', told.slice(0, stack < 0 ? told.length : stack).join('\n'));
    this.failure = null;
  }
}

/** The description without the time that some write behind it, and the directive that excuses a point from passing: `# SKIP …` or `# TODO …`. */
function parted(said: string): readonly [description: string, directive: string | null] {
  const at = said.lastIndexOf('# ');
  const directive = at < 0 ? null : /^# (skip|todo|time=)/i.exec(said.slice(at));
  if (!directive) return [said.replace(/ \{$/, '').trim(), null];
  const word = directive[1] ?? '';
  return [said.slice(0, at).trim(), word === 'time=' ? null : word];
}

function depthOf(indent: string | undefined): number {
  return Math.floor((indent ?? '').length / INDENT);
}
