/** A line of a Markdown text, taken apart. */
export interface ListLine {
  readonly isListed: boolean;
  /** For a checkbox whether it is ticked; null for any other line. */
  readonly isChecked: boolean | null;
  /** Without bullet, number and checkbox. */
  readonly text: string;
}

const BLANK: ListLine = { isListed: false, isChecked: null, text: '' };

/** Reads `- text`, `* [ ] text`, `1. text` and plain lines. */
export function readListLine(line: string): ListLine {
  const trimmed = line.trim();
  if (trimmed === '') return BLANK;
  const [marker = ''] = /^(?:[-*+]|\d{1,9}[.)])(?=\s|$)/.exec(trimmed) ?? [];
  const unmarked = trimmed.slice(marker.length).trimStart();
  const [box = '', mark] = (marker === '' ? null : /^\[([ xX])\](?=\s|$)/.exec(unmarked)) ?? [];
  return {
    isListed: marker !== '',
    isChecked: mark === undefined ? null : mark !== ' ',
    text: unmarked.slice(box.length).trim(),
  };
}

/** Whether a line says nothing: it is blank, or it says in one of the usual ways that there is nothing to say. */
export function isNothing(line: string): boolean {
  const words = line.trim();
  // Gitea fills the empty fields of an issue form with "_No response_": modules/issue/template/template.go.
  return (
    words === '' ||
    (words.length <= 40 && /^[^\p{L}\p{N}]*(?:(?:none|nothing|no response|n\/a|tbd)[^\p{L}\p{N}]*)?$/iu.test(words))
  );
}

/** `key: value` as written in a line; the key in lower case and without emphasis. Null for a line without one. */
export function readField(text: string): { readonly key: string; readonly value: string } | null {
  const colon = text.indexOf(':');
  if (colon < 1 || colon > 60) return null;
  const key = text.slice(0, colon).replace(/[*_`]/g, '').trim().toLowerCase();
  return { key, value: text.slice(colon + 1).replace(/^[\s*_`]+/, '') };
}
