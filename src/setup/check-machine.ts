import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CommandRunner } from '../command-runner/index.js';
import { messageOf } from '../kernel/index.js';
import { bad, good, unknown, type Finding } from './finding.js';

/** `GIT_CONFIG_COUNT`, by which git is kept from the settings of the machine, came with 2.31. */
const OLDEST_GIT = { major: 2, minor: 31 };
const LEAST_FREE_BYTES = 2 * 1024 ** 3;
const GIT_TIMEOUT_MS = 10_000;

/** Whether git is there, and new enough. */
export async function checkGit(runner: CommandRunner, path: string): Promise<Finding> {
  const argv = ['git', '--version'] as const;
  const { exitCode, reason, stdout } = await runner.run({
    argv,
    cwd: '/',
    env: { PATH: path },
    timeoutMs: GIT_TIMEOUT_MS,
  });
  if (exitCode !== 0) return bad(`git does not run: ${reason ?? `exit code ${exitCode}`}`, 'Install git 2.31 or later');
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout.text) ?? [];
  const version = stdout.text.trim();
  const isTooOld =
    Number(major) < OLDEST_GIT.major || (Number(major) === OLDEST_GIT.major && Number(minor) < OLDEST_GIT.minor);
  return isTooOld ? bad(`${version} is too old`, 'Install git 2.31 or later') : good(version);
}

/** What is known of the sandbox. */
export interface SandboxView {
  readonly isConfining: boolean;
  readonly version: string | null;
  /** Why it confines nothing, and what to do, in sentences; null where it does. */
  readonly warning: string | null;
}

/** Whether agents and gates can be confined, or may run without it. */
export async function checkSandbox(look: () => Promise<SandboxView>, isOptional: boolean): Promise<Finding> {
  try {
    const { isConfining, version, warning } = await look();
    if (isConfining) return good(`The sandbox works, with bubblewrap ${version ?? 'of an unknown version'}`);
    const remedy = warning ?? 'Install bubblewrap';
    return isOptional
      ? unknown('Agents and gates run unconfined, as ALLOW_UNSANDBOXED_AGENT allows', remedy)
      : bad('Agents and gates cannot be confined', remedy);
  } catch (error) {
    return bad(`The sandbox cannot be tried: ${messageOf(error)}`, 'Install bubblewrap');
  }
}

/** Whether the data folder, or what it will be made in, can be written and has room. */
export async function checkDataFolder(folder: string): Promise<readonly Finding[]> {
  const existing = await nearestExisting(folder);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch {
    return [
      bad(`The data folder ${folder} cannot be written`, `Give the user of the service the right to ${existing}`),
    ];
  }
  const found =
    existing === folder ? `The data folder ${folder} can be written` : `The data folder ${folder} can be made`;
  return [good(found), await checkSpace(existing)];
}

async function checkSpace(folder: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const amount = `${(free / 1024 ** 3).toFixed(1)} GiB are free for data and workspaces`;
    return free >= LEAST_FREE_BYTES ? good(amount) : bad(`Only ${amount}`, 'Make room: clones and builds need some');
  } catch (error) {
    return unknown(`How much room there is cannot be seen: ${messageOf(error)}`);
  }
}

async function nearestExisting(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch {
    const above = dirname(folder);
    return above === folder ? folder : nearestExisting(above);
  }
}

/**
 * Whether the model's key looks like one. It is not tried: a request costs money, and a key that is refused is told by
 * the service.
 *
 * @param baseUrl where the model is reached instead of at Anthropic
 */
export function checkModelKey(key: string, baseUrl: string | null): Finding {
  if (/\s|^["']|["']$/.test(key)) {
    return bad('ANTHROPIC_API_KEY holds spaces or quotation marks', 'Give the key alone, without quotation marks');
  }
  if (baseUrl !== null) return good(`ANTHROPIC_API_KEY is set, for ${new URL(baseUrl).host}`);
  return /^sk-ant-[\w-]{8,}$/.test(key)
    ? good('ANTHROPIC_API_KEY has the shape of a key of Anthropic')
    : bad(
        'ANTHROPIC_API_KEY does not begin with sk-ant-',
        'Copy it again, or set ANTHROPIC_BASE_URL where it is of another model',
      );
}
