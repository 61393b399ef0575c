import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
const parsed = ts.parseJsonConfigFileContent(config, ts.sys, project);
// One file at a time, the compiler does not see the package.json that makes these ES modules.
const compilerOptions = { ...parsed.options, module: ts.ModuleKind.ESNext, sourceMap: false, inlineSourceMap: true };

/** An import of `./x.js` that is there as `x.ts` means that. */
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

/** TypeScript is compiled as it is loaded, file by file and without a look at its types. */
export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const fileName = fileURLToPath(url);
  const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), { fileName, compilerOptions });
  return { format: 'module', source: outputText, shortCircuit: true };
}
