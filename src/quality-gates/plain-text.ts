/** Terminal control: CSI and OSC sequences, and the other escapes. ECMA-48 §5.4, xterm's ctlseqs for OSC. */
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001B(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001B\n]{0,1000}(?:\u0007|\u001B\\)?|[ -~])/g;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** Output as a person would read it: without colours and control characters, with `\n` at each line's end. */
export function plainText(output: string): string {
  return output.replace(/\r\n?/g, '\n').replace(ESCAPES, '').replace(CONTROLS, '');
}

/**
 * At most `limit` characters: the beginning and the end, with a line between them that says how much is left out. What
 * fails is most often told at the end, what began it at the beginning.
 */
export function headAndTail(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const notice = `\n… ${text.length - limit} characters left out …\n`;
  const kept = Math.max(0, limit - notice.length);
  const head = Math.floor(kept / 2);
  return wellFormed(`${text.slice(0, head)}${notice}${text.slice(text.length - (kept - head))}`).slice(0, limit);
}

/** At most `limit` characters of one line. */
export function shortened(line: string, limit: number): string {
  return line.length <= limit ? line : wellFormed(`${line.slice(0, limit - 1)}…`);
}

/** Half of a character pair, left by a cut, cannot be stored or sent as UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '�');
}
