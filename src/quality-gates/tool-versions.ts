import type { CommandRunner } from '../command-runner/index.js';
import { plainText, shortened } from './plain-text.js';
import type { GateDefinition } from './quality-gates.types.js';

/** What is asked of a program for its version. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  node: ['--version'],
  npm: ['--version'],
  python3: ['--version'],
  python: ['--version'],
  go: ['version'],
  cargo: ['--version'],
  java: ['-version'],
  mvn: ['--version'],
  dotnet: ['--version'],
  php: ['--version'],
  composer: ['--version'],
  make: ['--version'],
};
/** What a program runs in. */
const RUNS_IN: Readonly<Record<string, string>> = {
  npm: 'node',
  npx: 'node',
  pnpm: 'node',
  yarn: 'node',
  jest: 'node',
  vitest: 'node',
  tsc: 'node',
  pytest: 'python3',
  pip: 'python3',
  mvn: 'java',
  mvnw: 'java',
  gradle: 'java',
  gradlew: 'java',
  composer: 'php',
};
const TIMEOUT_MS = 20_000;

/** Which versions the programs have that gates name. Each program is asked once in the life of this object. */
export class ToolVersions {
  private readonly known = new Map<string, Promise<string | null>>();

  constructor(
    private readonly commands: CommandRunner,
    private readonly path: string,
  ) {}

  /** By program; what is missing or does not say is left out. */
  async of(definitions: readonly Pick<GateDefinition, 'argv'>[]): Promise<Readonly<Record<string, string>>> {
    const versions: Record<string, string> = {};
    for (const program of toolsOf(definitions)) {
      const version = await this.version(program);
      if (version !== null) versions[program] = version;
    }
    return versions;
  }

  private version(program: string): Promise<string | null> {
    const known = this.known.get(program) ?? this.ask(program).catch(() => null);
    this.known.set(program, known);
    return known;
  }

  private async ask(program: string): Promise<string | null> {
    const { exitCode, stdout, stderr } = await this.commands.run({
      argv: [program, ...(QUESTIONS[program] ?? [])],
      cwd: '/',
      env: { PATH: this.path, HOME: '/nonexistent', LANG: 'C.UTF-8' },
      confinement: { writable: [] },
      timeoutMs: TIMEOUT_MS,
      keepOutputBytes: 4096,
    });
    const [line = ''] = plainText(stdout.text.trim() === '' ? stderr.text : stdout.text)
      .trim()
      .split('\n');
    return exitCode === 0 && line !== '' ? shortened(line.trim(), 100) : null;
  }
}

function toolsOf(definitions: readonly Pick<GateDefinition, 'argv'>[]): readonly string[] {
  const words = definitions.flatMap(({ argv }) => argv.flatMap((word) => word.split(/[^\w.-]+/)));
  const named = new Set(words.flatMap((word) => [word, RUNS_IN[word] ?? '']));
  return Object.keys(QUESTIONS).filter((program) => named.has(program));
}
