import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it, jest } from '@jest/globals';

import { paintFor } from '../src/demo/paint.js';
import { runDemo } from '../src/demo/run-demo.js';
import { PROGRAM } from './support/service-process.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';

// Twice what it gives itself.
jest.setTimeout(240_000);

/** Plays the demonstration, and resolves with what is wrong with its end and what it printed. */
async function play(program = PROGRAM, onPrint: (line: string) => void = () => undefined) {
  const printed: string[] = [];
  const faults = await runDemo({
    program,
    path: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    paint: paintFor(false),
    print: (line) => {
      printed.push(line);
      onPrint(line);
    },
  });
  return { faults, text: printed.join('\n') };
}

/** Plays the demonstration with a program that says these things instead of doing them, and then waits or exits. */
async function playWith(lines: readonly object[], end = 'setInterval(() => undefined, 1000)') {
  const folder = makeTemporaryFolder();
  const program = join(folder.path, 'program.mjs');
  const said = lines.map((line) => `console.log(${JSON.stringify(JSON.stringify(line))});`);
  writeFileSync(program, [...said, end].join('\n'));
  const played = await play(program);
  folder.remove();
  return played;
}

const READY = { level: 'log', message: 'Service is ready', address: 'http://127.0.0.1:9' };
const moved = (to: string) => ({ level: 'log', message: 'Job moved', issue: 'acme/calculator#1', to, reason: 'So.' });

describe('The demonstration', () => {
  it('shows three issues become three merged pull requests', async () => {
    const { faults, text } = await play();

    expect(faults).toEqual([]);
    for (const sentence of [
      'issue #3  parsed by a model',
      'issue #2  parsed from its text',
      'issue #2  blocked: waits until what blocks it is finished',
      'issue #1  claimed',
      'issue #1  agent: write src/calculator.js',
      'issue #1  gates rejected it: build passed, lint passed, test failed (1 of 3 tests failed)',
      'issue #1  sent back with the evidence, in the same session (1 of at most 5 rejections)',
      'issue #1  gates passed: build passed, lint passed, test passed, coverage passed',
      'ada reviews pull request #4 and merges it',
      'issue #2  released: nothing blocks it any more',
      'issue #2  context window: 84.3 % of the usable window is in use',
      'issue #2  session compacted: 101,000 tokens before',
      'issue #3  done: merged, and its issue is closed',
      'Where to look next: README.md',
    ]) {
      expect(text).toContain(sentence);
    }
    expect(text).toMatch(/#1 +opus +1 +0 +✓ build ✓ lint ✓ test ✓ coverage +#4/);
  });

  it('ends as it must though the coordinator is killed in the middle of it', async () => {
    let pid = 0;
    const kills: string[] = [];
    const { faults, text } = await play(PROGRAM, (line) => {
      pid = Number(/process (\d+)/.exec(line)?.[1] ?? pid);
      const isMoment = line.includes('issue #1  agent: write') || line.includes('issue #2  session compacted');
      if (!isMoment || kills.includes(line)) return;
      kills.push(line);
      process.kill(pid, 'SIGKILL');
    });

    expect(kills.length).toBeGreaterThan(1);
    expect(text.match(/was ended by SIGKILL\. It is started again/g)).toHaveLength(kills.length);
    expect(text).toContain('the agent takes its session up where it was cut off');
    expect(faults).toEqual([]);
  });

  it.each([
    ['the coordinator ended by itself: exit code 3', [], 'process.exit(3)'],
    ['issue #1 needs a person: So.', [READY, moved('needs_attention')], undefined],
    ['there is no open pull request for issue #1', [READY, moved('in_review')], undefined],
  ])('fails when %s', async (fault, lines, end) => {
    expect((await playWith(lines, end)).faults).toEqual([fault]);
  });
});
