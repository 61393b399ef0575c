import { CoverageLines } from './coverage-lines.js';
import { coverageReading, shareOf } from './coverage-share.js';
import type { CoverageReading, Share } from './coverage.types.js';
import { decodedXml, visitXmlTags, type XmlTag } from './xml-tags.js';

const FORMATS: Readonly<Record<string, string>> = { report: 'JaCoCo', coverage: 'Cobertura or Clover' };

/** Reads Cobertura, Clover or JaCoCo XML. The totals are those of the whole project, not sums over its files. */
export function readXmlCoverage(text: string, shown: (path: string) => string): CoverageReading {
  const reading = new XmlReading(shown);
  const isWhole = visitXmlTags(text, (tag) => reading.visit(tag));
  // A report that is cut off says nothing about what is missing.
  if (!isWhole || reading.depth !== 0) return { problem: 'It is cut off, or declares entities' };
  if (!Object.hasOwn(FORMATS, reading.root)) {
    const root = JSON.stringify(reading.root.slice(0, 60));
    return { problem: `Its XML begins with ${root}, which is no report of coverage that is known` };
  }
  return coverageReading(
    reading.format || (FORMATS[reading.root] ?? ''),
    reading.lines,
    reading.branches,
    reading.perLine,
  );
}

class XmlReading {
  depth = 0;
  root = '';
  format = '';
  lines: Share | null = null;
  branches: Share | null = null;
  readonly perLine: CoverageLines;
  private folder = '';
  private file = '';
  /** Cobertura repeats the lines of methods, and some writers add the one that a method begins on. */
  private isInMethods = false;

  constructor(shown: (path: string) => string) {
    this.perLine = new CoverageLines(shown);
  }

  visit(tag: XmlTag): void {
    if (tag.name === 'methods') this.isInMethods = tag.kind === 'open';
    if (tag.kind === 'close') {
      this.depth -= 1;
      return;
    }
    if (this.depth === 0) this.root = tag.name;
    if (this.root === 'report') this.jacoco(tag);
    else if (this.root === 'coverage') this.coberturaOrClover(tag);
    if (tag.kind === 'open') this.depth += 1;
  }

  /** jacoco.org/jacoco/trunk/coverage/report.dtd: counters of the whole report stand right below its root. */
  private jacoco({ name, attributes }: XmlTag): void {
    if (name === 'package') this.folder = textOf(attributes, 'name');
    if (name === 'sourcefile') this.file = [this.folder, textOf(attributes, 'name')].filter(Boolean).join('/');
    if (name === 'line') this.perLine.add(this.file, countOf(attributes, 'nr'), countOf(attributes, 'ci') > 0);
    if (name !== 'counter' || this.depth !== 1) return;
    const [covered, missed] = [countOf(attributes, 'covered'), countOf(attributes, 'missed')];
    const type = attributes.get('type');
    if (type === 'LINE') this.take('JaCoCo', shareOf(covered, covered + missed));
    if (type === 'BRANCH') this.branches ??= shareOf(covered, covered + missed);
  }

  /** Both have the root `coverage`. Clover repeats `metrics` for each file; those of the project stand highest. */
  private coberturaOrClover({ name, attributes }: XmlTag): void {
    if (this.depth === 0 && attributes.has('lines-valid')) {
      this.take('Cobertura', shareOf(countOf(attributes, 'lines-covered'), countOf(attributes, 'lines-valid')));
      this.branches = shareOf(countOf(attributes, 'branches-covered'), countOf(attributes, 'branches-valid'));
    }
    if (this.depth === 2 && name === 'metrics' && this.format !== 'Cobertura') {
      this.take('Clover', shareOf(countOf(attributes, 'coveredstatements'), countOf(attributes, 'statements')));
      this.branches ??= shareOf(countOf(attributes, 'coveredconditionals'), countOf(attributes, 'conditionals'));
    }
    if (name === 'class') this.file = textOf(attributes, 'filename');
    if (name === 'file') this.file = textOf(attributes, 'path') || textOf(attributes, 'name');
    if (name !== 'line' || this.file === '' || this.isInMethods) return;
    const isClover = attributes.has('num');
    const hits = countOf(attributes, isClover ? 'count' : 'hits');
    // Clover's lines of methods are declarations, which it counts apart.
    if (attributes.get('type') !== 'method') {
      this.perLine.add(this.file, countOf(attributes, isClover ? 'num' : 'number'), hits > 0);
    }
  }

  private take(format: string, share: Share | null): void {
    if (this.format !== '') return;
    this.format = format;
    this.lines = share;
  }
}

function countOf(attributes: XmlTag['attributes'], key: string): number {
  return Number(attributes.get(key) ?? Number.NaN);
}

function textOf(attributes: XmlTag['attributes'], key: string): string {
  return decodedXml(attributes.get(key) ?? '');
}
