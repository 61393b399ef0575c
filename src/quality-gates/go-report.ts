import { parsedObject } from './parsed-object.js';
import { TestCollector } from './test-report.js';
import type { TestReading } from './test-report.types.js';

const MESSAGE_LENGTH = 4000;
const LINE = /^\{"(?:Time|ImportPath|Action)":/;

/** Whether a text is made of the events of `go test -json`. */
export function isGoReport(text: string): boolean {
  return LINE.test(text);
}

/** A test that began and what it has printed. */
interface BegunTest {
  readonly name: readonly string[];
  printed: string;
}

/**
 * Reads the events of `go test -json`, one JSON object a line: go doc test2json. A test that began and never ended has
 * failed; so has a package that did, where none of its tests tells why.
 */
export function readGoReport(text: string, shown?: (text: string) => string): TestReading {
  const collector = new TestCollector(shown);
  const begun = new Map<string, BegunTest>();
  const failing = new Set<string>();
  let ended = 0;
  for (const line of text.split('\n')) {
    if (!LINE.test(line)) continue;
    const { Action: action, Test: test, Package: packageName, Output: output } = parsedObject(line);
    if (typeof action !== 'string' || typeof packageName !== 'string') continue;
    const name = [packageName, typeof test === 'string' ? test : ''];
    const key = name.join('\n');
    const started = begun.get(key) ?? { name, printed: '' };
    if (action === 'output' || action === 'run') {
      if (action === 'run' || !name[1]) begun.set(key, started);
      if (typeof output === 'string' && !/^\s*(?:=== |--- )/.test(output) && started.printed.length < MESSAGE_LENGTH) {
        started.printed += output;
      }
      continue;
    }
    if (action !== 'pass' && action !== 'fail' && action !== 'skip') continue;
    begun.delete(key);
    const outcome = action === 'pass' ? 'passed' : action === 'fail' ? 'failed' : 'skipped';
    if (name[1]) collector.add(name, outcome, started.printed);
    else ended += 1;
    if (name[1] && action === 'fail') failing.add(packageName);
    if (!name[1] && action === 'fail' && !failing.has(packageName)) {
      collector.add([packageName], 'failed', started.printed);
    }
  }
  for (const { name, printed } of begun.values()) if (name[1]) collector.add(name, 'failed', printed);
  if (ended === 0) return { problem: 'It is cut off: no package of it ended' };
  return { report: collector.report('go test') };
}
