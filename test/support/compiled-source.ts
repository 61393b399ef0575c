import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/**
 * Writes folders of `src` as JavaScript into a folder, so that a test can run them in processes of their own without a
 * build before it.
 *
 * @param root where `src/…` of the modules goes; `node_modules` is found from there
 */
export function compileSource(root: string, modules: readonly string[]): void {
  const project = process.cwd();
  const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, project);
  // One file at a time, the compiler does not see the package.json that makes these ES modules.
  const compilerOptions = { ...parsed.options, module: ts.ModuleKind.ESNext, sourceMap: false };
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  for (const module of modules) {
    const folder = join('src', module);
    for (const file of readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.spec.ts')) continue;
      const source = readFileSync(join(project, folder, file), 'utf8');
      const fileName = join(project, folder, file);
      const { outputText } = ts.transpileModule(source, { fileName, compilerOptions });
      const target = join(root, folder, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, outputText);
    }
  }
}
