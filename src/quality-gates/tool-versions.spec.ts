import { describe, expect, it } from '@jest/globals';
import type { Command, CommandResult } from '../command-runner/index.js';
import { ToolVersions } from './tool-versions.js';

const told = (text: string) => ({ text, totalBytes: text.length, isTruncated: false });

/** Programs that say what they are told to, on one of the streams. */
function programs(answers: Readonly<Record<string, Partial<CommandResult> | Error>>) {
  const commands: Command[] = [];
  const done = { ending: 'exited', exitCode: 0, reason: null, durationMs: 1, leftBehind: 0 } as const;
  const run = async (command: Command): Promise<CommandResult> => {
    commands.push(command);
    const answer = answers[command.argv[0]] ?? { exitCode: null };
    if (answer instanceof Error) throw answer;
    return { ...done, stdout: told(''), stderr: told(''), ...answer };
  };
  return { commands, versions: new ToolVersions({ run }, '/bin') };
}

describe('ToolVersions', () => {
  it('asks the programs that gates name, and what these run in, each once', async () => {
    const { commands, versions } = programs({
      node: { stdout: told('v20.20.2\n') },
      npm: { stdout: told('10.8.2\n') },
      java: { stderr: told('openjdk version "21"\nOpenJDK\n') },
      python3: { exitCode: 1 },
    });
    const gates = [
      { argv: ['npm', 'run', 'test'] },
      { argv: ['bash', '-euo', 'pipefail', '-c', './gradlew test && pytest'] },
    ] as const;

    expect(await versions.of(gates)).toEqual({ node: 'v20.20.2', npm: '10.8.2', java: 'openjdk version "21"' });
    expect(await versions.of(gates)).toMatchObject({ node: 'v20.20.2' });
    expect(commands.map(({ argv }) => argv.join(' '))).toEqual([
      'node --version',
      'npm --version',
      'python3 --version',
      'java -version',
    ]);
    expect(commands[0]).toMatchObject({ confinement: { writable: [] }, env: { PATH: '/bin' } });
  });

  it('knows nothing of a program that cannot be asked, or says nothing', async () => {
    const { versions } = programs({ go: new Error('no more processes'), make: {} });

    expect(await versions.of([{ argv: ['make', 'test'] }, { argv: ['go', 'test', './...'] }])).toEqual({});
  });
});
