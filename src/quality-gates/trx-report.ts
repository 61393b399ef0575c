import { TestCollector } from './test-report.js';
import type { TestOutcome, TestReading } from './test-report.types.js';
import { decodedXml, visitXmlTags } from './xml-tags.js';

const MESSAGE_LENGTH = 8000;

/** Every outcome that is no failure. Source: vstest.xsd, TestOutcome; what is not known has failed. */
const OUTCOMES: ReadonlyMap<string, TestOutcome> = new Map([
  ['Passed', 'passed'],
  ['PassedButRunAborted', 'passed'],
  ['Warning', 'passed'],
  ['NotExecuted', 'skipped'],
  ['NotRunnable', 'skipped'],
  ['Pending', 'skipped'],
]);

/** Reads a Visual Studio test result file, as `dotnet test --logger trx` writes it. */
export function readTrxReport(text: string, shown?: (text: string) => string): TestReading {
  const collector = new TestCollector(shown);
  let open: { readonly name: string; readonly outcome: TestOutcome; message: string } | null = null;
  let isTelling = false;
  let depth = 0;
  const isWhole = visitXmlTags(
    text,
    ({ name, kind, attributes }) => {
      if (kind === 'open') depth += 1;
      if (kind === 'close') depth -= 1;
      if (name === 'UnitTestResult') {
        if (open) collector.add([open.name], open.outcome, open.message);
        open = null;
        if (kind === 'close') return;
        const outcome = OUTCOMES.get(attributes.get('outcome') ?? '') ?? 'failed';
        open = { name: decodedXml(attributes.get('testName') ?? ''), outcome, message: '' };
        if (kind === 'empty') {
          collector.add([open.name], outcome);
          open = null;
        }
      } else if (name === 'Message') {
        isTelling = kind === 'open';
      }
    },
    (from, to, isLiteral) => {
      if (!open || !isTelling || open.message !== '') return;
      const told = text.slice(from, Math.min(to, from + MESSAGE_LENGTH));
      open.message = isLiteral ? told : decodedXml(told);
    },
  );
  if (!isWhole || depth !== 0 || open) return { problem: 'It is cut off, or declares entities' };
  return { report: collector.report('.NET test results') };
}
