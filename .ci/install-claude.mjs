// Installs the Claude Agent SDK in the version that was measured, with its program, so that no test of Claude Code is
// skipped. It is proprietary and therefore no dependency: package.json and package-lock.json stay as they are.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const SDK = '@anthropic-ai/claude-agent-sdk';
const SOURCE = 'src/agents/runtimes/claude/load-claude-sdk.ts';

const [, version] = /MEASURED_SDK = '([^']+)'/.exec(readFileSync(SOURCE, 'utf8')) ?? [];
if (version === undefined) throw new Error(`${SOURCE} names no version of ${SDK}`);
const pinned = () => ['package.json', 'package-lock.json'].map((path) => readFileSync(path, 'utf8')).join();
const before = pinned();
// Nothing of it needs an install script, and they would be code of strangers.
const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
execFileSync('npm', ['install', ...options, `${SDK}@${version}`], { stdio: 'inherit' });

if (pinned() !== before) throw new Error('npm changed package.json or package-lock.json');
// npm leaves out what is optional and fails, and the program is.
import.meta.resolve(`${SDK}-${process.platform}-${process.arch}/package.json`);
