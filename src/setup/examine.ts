import type { CommandRunner } from '../command-runner/index.js';
import type { Repository } from '../gitea/index.js';
import type { Clock } from '../kernel/index.js';
import { checkAccount, checkClock, checkVersion } from './check-gitea.js';
import { checkHook } from './check-hook.js';
import { checkDataFolder, checkGit, checkModelKey, checkSandbox, type SandboxView } from './check-machine.js';
import { checkRepository } from './check-repository.js';
import { checkConfiguration } from './ensure-proposal.js';
import type { Finding, Report } from './finding.js';
import { checkService, type RunningService } from './running-service.js';
import type { SetupGitea } from './setup.types.js';

/** The machine that the service runs on. */
export interface Machine {
  readonly runner: CommandRunner;
  /** Where programs are found. */
  readonly path: string;
  readonly sandbox: () => Promise<SandboxView>;
  /** Whether agents and gates may run without one. */
  readonly isSandboxOptional: boolean;
}

/** What is looked at. */
export interface Examination {
  /** With the token of the bot. */
  readonly bot: SetupGitea;
  /** With the token that sees webhooks; the bot's where there is no other. */
  readonly administrator: SetupGitea;
  readonly giteaUrl: string;
  readonly botName: string;
  readonly repository: Repository | null;
  /** Where the webhook goes; null for whichever goes to a coordinator. */
  readonly url: string | null;
  readonly service: RunningService;
  readonly machine: Machine;
  readonly dataFolder: string;
  readonly model: { readonly apiKey: string; readonly baseUrl: string | null };
  readonly clock: Clock;
}

/** Looks at the machine, at Gitea and at the service, and says of everything that is wrong what to do about it. */
export async function examine(given: Examination, report: Report): Promise<void> {
  const { bot, administrator, repository, service, clock } = given;
  const tell = async (looks: Promise<Finding | readonly Finding[]>): Promise<void> => {
    for (const finding of [await looks].flat()) report(finding);
  };
  await examineMachine(given.machine, report);
  await tell(checkDataFolder(given.dataFolder));
  report(checkModelKey(given.model.apiKey, given.model.baseUrl));
  await tell(checkService(service));
  const version = await checkVersion(bot, given.giteaUrl);
  report(version);
  if (version.outcome === 'bad') return;
  await tell(checkClock(bot, clock));
  const account = await checkAccount(bot, given.botName);
  report(account);
  if (account.outcome === 'bad' || repository === null) return;
  await tell(checkRepository(bot, repository));
  await tell(checkConfiguration(bot, repository));
  await tell(checkHook(administrator, repository, given.url, service, clock));
}

/** What can be looked at without a configuration. */
export async function examineMachine(
  { runner, path, sandbox, isSandboxOptional }: Machine,
  report: Report,
): Promise<void> {
  report(await checkGit(runner, path));
  report(await checkSandbox(sandbox, isSandboxOptional));
}
