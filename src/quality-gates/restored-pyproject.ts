/** Tables of tools that are about packages and builds, not about how work is checked. */
const PACKAGE_TABLES =
  /^tool\.(?:poetry|uv(?!\.sources)|pdm\.(?:dev-dependencies|source|build)|setuptools|flit|maturin|hatch\.(?:build|metadata|version))(?:\.|$)/;
/** A table's header as people write it. TOML v1.0.0, "Table" and "Array of Tables". */
const HEADER = /^\[{1,2}[ \t]*([\w-]+(?:[ \t]*\.[ \t]*(?:[\w-]+|"[^"\\]*"))*)[ \t]*\]{1,2}[ \t]*(?:#.*)?$/;

/**
 * The pyproject.toml of a commit with the settings of its tools as the base commit has them; null where it has them so
 * already. Packages, metadata and builds are the commit's own.
 *
 * Where a line could be a header and is none that is understood, the base commit's whole text is the answer. The base
 * commit's tables stand first: no text that is left open can swallow them.
 */
export function restoredPyproject(baseText: string, text: string): string | null {
  const [base, head] = [tablesOf(baseText), tablesOf(text)];
  if (head === null || base === null) return text === baseText ? null : baseText;
  const [checks, own] = [base.filter(isCheck), head.filter((table) => !isCheck(table))];
  // A text of several lines can hold what looks like a table and is none.
  const isPlain = text === baseText || !/"""|'''/.test(text);
  if (isPlain && joined(head.filter(isCheck)) === joined(checks)) return null;
  return joined([...checks, ...own]);
}

interface Table {
  readonly name: string;
  readonly text: string;
}

function tablesOf(text: string): readonly Table[] | null {
  const tables: { name: string; text: string }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, name] = HEADER.exec(line) ?? [];
    const last = tables.at(-1);
    if (name !== undefined) tables.push({ name: name.replace(/[ \t]/g, ''), text: line });
    else if (/^\s*\[/.test(line)) return null;
    else if (last) last.text += `\n${line}`;
    else if (/^\s*[^\s#]/.test(line)) return null;
  }
  return tables.map((table) => ({ ...table, text: table.text.trimEnd() }));
}

function isCheck({ name }: Table): boolean {
  return /^tool(?:\.|$)/.test(name) && !PACKAGE_TABLES.test(name);
}

function joined(tables: readonly Table[]): string {
  return tables.map((table) => `${table.text}\n`).join('\n');
}
