import { TestCollector } from './test-report.js';
import type { TestReading } from './test-report.types.js';
import { decodedXml, visitXmlTags, type XmlTag } from './xml-tags.js';

/** How deeply suites may be nested. */
const MAX_DEPTH = 200;
const MESSAGE_LENGTH = 8000;

/** A case that was opened, and what has been seen in it. */
interface OpenCase {
  readonly name: readonly string[];
  isBad: boolean;
  isSkipped: boolean;
  message: string;
}

/**
 * Reads a JUnit XML report, as surefire, Gradle, pytest, node:test, jest-junit, PHPUnit and many others write it. The
 * cases are counted themselves, because the suites' own totals are left out by some and doubled by nesting in others.
 */
export function readJunitReport(text: string, shown?: (text: string) => string): TestReading {
  const collector = new TestCollector(shown);
  const suites: string[] = [];
  let open: OpenCase | null = null;
  let isTelling = false;
  let isDeep = false;
  const isWhole = visitXmlTags(
    text,
    (tag) => {
      const { name, kind } = tag;
      if (name === 'testsuite' || name === 'testsuites') {
        if (kind === 'open') suites.push(attribute(tag, 'name'));
        if (kind === 'close') suites.pop();
        isDeep ||= suites.length > MAX_DEPTH;
      } else if (name === 'testcase') {
        if (kind === 'empty') collector.add(nameOf(tag, suites), 'passed');
        if (kind === 'close' && open) settle(open, collector);
        open = kind === 'open' ? { name: nameOf(tag, suites), isBad: false, isSkipped: false, message: '' } : null;
      } else if (open && (name === 'failure' || name === 'error')) {
        open.isBad = true;
        isTelling = kind === 'open';
        if (kind !== 'close') append(open, attribute(tag, 'message'));
      } else if (open && name === 'skipped') {
        open.isSkipped = true;
      }
    },
    (from, to, isLiteral) => {
      if (!open || !isTelling || open.message.length >= MESSAGE_LENGTH) return;
      const told = text.slice(from, Math.min(to, from + MESSAGE_LENGTH));
      append(open, isLiteral ? told : decodedXml(told));
    },
  );
  if (isDeep) return { problem: `It nests suites more than ${MAX_DEPTH} deep` };
  if (!isWhole || suites.length > 0 || open) return { problem: 'It is cut off, or declares entities' };
  return { report: collector.report('JUnit report') };
}

function settle({ name, isBad, isSkipped, message }: OpenCase, collector: TestCollector): void {
  collector.add(name, isBad ? 'failed' : isSkipped ? 'skipped' : 'passed', message);
}

function append(open: OpenCase, told: string): void {
  if (told.trim() === '') return;
  // Most runners repeat the message within the text.
  const isRepeated = told.includes(open.message.trim());
  open.message = isRepeated ? told : `${open.message}\n${told}`;
}

/** A class says where its tests are; without one, the suites around it do. node:test writes `test` for every class. */
function nameOf(tag: XmlTag, suites: readonly string[]): readonly string[] {
  const place = attribute(tag, 'classname') || attribute(tag, 'class');
  const isSaid = place !== '' && place !== 'test' && place !== 'suite';
  return [...(isSaid ? [place] : suites.slice(-10)), attribute(tag, 'name')];
}

function attribute({ attributes }: XmlTag, name: string): string {
  return decodedXml(attributes.get(name) ?? '');
}
