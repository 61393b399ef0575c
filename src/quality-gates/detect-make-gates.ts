import { detected, firstOf, type DetectedGate, type ReadBaseFile } from './detected-gate.js';
import type { GateKind } from './quality-gates.types.js';

/** In the order in which GNU make looks for them. */
const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile'];
/** Which targets are which gate; the first that is there counts. */
const TARGETS: readonly (readonly [kind: GateKind, targets: readonly string[]])[] = [
  ['setup', ['setup', 'deps', 'install-deps']],
  ['build', ['build']],
  ['lint', ['lint']],
  ['test', ['test', 'check']],
  ['coverage', ['coverage']],
];

/** The gates of a makefile, from the names of its targets. */
export async function detectMakeGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  const makefile = await firstOf(read, MAKEFILES);
  if (!makefile) return [];
  const targets = targetsOf(makefile.text);
  return TARGETS.flatMap(([kind, names]) => {
    const name = names.find((target) => targets.has(target));
    if (name === undefined) return [];
    return [detected(kind, ['make', name], `the target ${JSON.stringify(name)} in ${makefile.path}`)];
  });
}

/** `a b: c` makes two; `a := b` sets a variable, and what is indented is a recipe. */
function targetsOf(makefile: string): ReadonlySet<string> {
  const rules = makefile.matchAll(/^([\w.-][\w. -]{0,200}?) *::?(?![:=])/gm);
  return new Set([...rules].flatMap(([, names = '']) => names.split(/ +/)));
}
