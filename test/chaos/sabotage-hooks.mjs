// Hooks of the module loader: change the text of files of the build while they are loaded. What is to be replaced must
// be there, once, or nothing starts: a protection that looks different now would otherwise seem to be taken out.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

let edits = [];

/** @param given `{ edits: [{ url, replace: [[text, by], …] }] }` */
export function initialize(given) {
  edits = given.edits;
}

export async function load(url, context, nextLoad) {
  const edit = edits.find((one) => one.url === url);
  if (edit === undefined) return nextLoad(url, context);
  let source = await readFile(fileURLToPath(url), 'utf8');
  for (const [text, by] of edit.replace) {
    const parts = source.split(text);
    if (parts.length !== 2) {
      throw new Error(`The sabotage finds ${parts.length - 1} times in ${url} what it takes out once: ${text}`);
    }
    source = parts.join(by);
  }
  return { format: 'module', source, shortCircuit: true };
}
