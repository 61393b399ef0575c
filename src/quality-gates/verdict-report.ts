import { commandLine } from './continuation-prompt.js';
import { formatDuration } from './duration.js';
import { failureLines } from './failure-lines.js';
import { shortened } from './plain-text.js';
import type { GateResult, Verdict } from './quality-gates.types.js';

/**
 * A verdict as Markdown for a pull request or a comment: a table of the gates, and below it what failed.
 *
 * What gates print can be hostile. It stands in the text as characters only: no markup, no HTML, no mention of a person,
 * no reference that closes an issue.
 */
export function verdictReport(verdict: Verdict): string {
  const rows = verdict.results.map(tableRow);
  const failed = verdict.results.filter(({ passed, evidence }) => !passed && evidence.trim() !== '');
  return [
    `**Quality gates: ${verdict.passed ? 'passed' : 'failed'}** for commit ${verdict.commit.slice(0, 12)}. ${escaped(verdict.summary)}`,
    ['| gate | result | seen | command | time |', '| --- | --- | --- | --- | --- |', ...rows].join('\n'),
    ...originOf(verdict.results),
    ...baseOf(verdict),
    ...touchedBy(verdict),
    ...failed.map(failureDetails),
  ].join('\n\n');
}

/** Where nobody declared the gates, a person should see what they were concluded from. */
function originOf(results: readonly GateResult[]): readonly string[] {
  const detected = results.filter(({ origin }) => origin.startsWith('detected from '));
  if (detected.length === 0) return [];
  const reasons = detected.map(({ gate, origin }) => `${escaped(gate)} ${escaped(origin)}`);
  return [`The repository declares no gates; these were found: ${reasons.join('; ')}.`];
}

/** What is red and passes all the same needs a reason that a person can look at. */
function baseOf({ base, tools = {} }: Verdict): readonly string[] {
  const versions = Object.entries(tools).map(([program, version]) => `${program}: ${version}`);
  const ran = versions.length > 0 ? [`Run with ${escaped(versions.join('; '))}.`] : [];
  if (!base) return ran;
  const failed = base.failed.length > 0 ? `, where these gates fail: ${base.failed.map(escaped).join(', ')}` : '';
  return [[`Compared with the base commit ${base.commit.slice(0, 12)}${failed}.`, ...ran].join(' ')];
}

function touchedBy({ gateFilesTouched = [] }: Verdict): readonly string[] {
  if (gateFilesTouched.length === 0) return [];
  const shown = gateFilesTouched.slice(0, 50).map((path) => `<code>${escaped(shortened(path, 200))}</code>`);
  const rest = gateFilesTouched.length - shown.length;
  const more = rest > 0 ? ` and ${rest} more` : '';
  return [
    `**Gate files touched**: ${shown.join(', ')}${more}. The gates ran with the base's; a person decides on the change.`,
  ];
}

function stateOf({ passed, isAdvisory, isRedOnBase }: GateResult): string {
  if (passed) return isRedOnBase === true ? '⚠️ red as before this change' : '✅ passed';
  return isAdvisory === true ? '⚠️ failed, only advises' : '❌ failed';
}

function tableRow(result: GateResult): string {
  const { gate, summary, argv, durationMs } = result;
  const cells = [
    escaped(gate),
    stateOf(result),
    escaped(shortened(summary, 300)),
    argv.length > 0 ? escaped(shortened(commandLine(argv), 200)) : '—',
    argv.length > 0 ? formatDuration(durationMs) : '—',
  ];
  return `| ${cells.join(' | ')} |`;
}

function failureDetails(result: GateResult): string {
  const { gate, evidence, argv } = result;
  // Where nothing was run, the evidence is the coordinator's own advice, and is shown as it is.
  const lines = argv.length > 0 ? failureLines(result, 30) : evidence.trimEnd().split('\n').slice(0, 60);
  const body = lines.map((line) => escaped(shortened(line, 240))).join('\n');
  return `<details><summary>What failed in ${gate}</summary>\n\n<pre>${body}</pre>\n\n</details>`;
}

/**
 * Text in which no character means anything to Markdown or HTML. Behind `@`, `#`, `!` and `:/` stands a space of no width
 * too, because Gitea looks for mentions and issues both before and after it renders: modules/references/references.go.
 */
function escaped(text: string): string {
  return text
    .replace(/[&<>"'`|*_~[\]\\{}()$^=+-]|[@#!]|:(?=\/)/g, (character) => {
      const reference = `&#${character.charCodeAt(0)};`;
      return /[@#!:]/.test(character) ? `${reference}&#8203;` : reference;
    })
    .replace(/[\r\n]+/g, ' ');
}
