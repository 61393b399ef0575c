import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { ProcessCommandRunner } from './command-runner/index.js';
import { InvalidConfigurationError, readAppConfig, type AppConfig } from './config/index.js';
import {
  Convergence,
  GiteaAccessClient,
  GiteaClient,
  GiteaFilesClient,
  GiteaHooksClient,
  GiteaModule,
} from './gitea/index.js';
import { SystemClock, type IssueRef } from './kernel/index.js';
import { JOB_STATES } from './queue/index.js';
import { SANDBOX_STATE, SandboxModule, type SandboxState } from './sandbox/index.js';
import {
  askWhy,
  bad,
  examine,
  examineMachine,
  findingLine,
  good,
  initialize,
  localAddress,
  readArguments,
  USAGE,
  UsageError,
  type DoctorArguments,
  type Finding,
  type InitArguments,
  type Machine,
  type RunningService,
  type SetupGitea,
  type WantedLabel,
} from './setup/index.js';

/** What a command is run with. */
export interface CommandLine {
  /** After the name of the program. */
  readonly argv: readonly string[];
  /** Writes a text as it stands. */
  readonly write: (text: string) => void;
  /** Where programs are found. */
  readonly path: string;
}

/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Runs one of the commands beside the service: `init`, `doctor`, `why` and `help`.
 *
 * @returns the exit code: 0 where all is well, 1 where something is to be done, 64 where the command means nothing
 */
export async function runCommand({ argv, write, path }: CommandLine): Promise<number> {
  try {
    const request = readArguments(argv);
    if (request.command === 'help') {
      write(USAGE);
      return 0;
    }
    const run = new CommandRun(write, path);
    if (request.command === 'init') return await run.init(request.init);
    if (request.command === 'doctor') return await run.doctor(request.doctor);
    return await run.why(request.issue, request.service);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    write(`${error.message}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
}

/** One run of one command. */
class CommandRun {
  private isWell = true;
  private scrub = (text: string): string => text;

  constructor(
    private readonly write: (text: string) => void,
    private readonly path: string,
  ) {}

  async init(wanted: InitArguments): Promise<number> {
    const config = this.configuration();
    if (config === null) return 1;
    const { gitea, webhook } = config;
    const labels = await stateLabels(gitea.labelScope);
    await this.withGitea(config, (bot, administrator) =>
      initialize(
        bot,
        administrator,
        {
          ...wanted,
          giteaUrl: gitea.url,
          botName: gitea.botName,
          secrets: webhook.secrets,
          labels,
          service: runningService(config, null),
          clock: new SystemClock(),
        },
        this.report,
      ),
    );
    return this.exitCode;
  }

  async doctor({ repository, url, service }: DoctorArguments): Promise<number> {
    const config = this.configuration();
    if (config === null) {
      await examineMachine(this.machine(null), this.report);
      return this.exitCode;
    }
    const { gitea, dataFolder, anthropic: model } = config;
    await this.withGitea(config, (bot, administrator) =>
      examine(
        {
          bot,
          administrator,
          giteaUrl: gitea.url,
          botName: gitea.botName,
          repository,
          url,
          service: runningService(config, service),
          machine: this.machine(config),
          dataFolder,
          model,
          clock: new SystemClock(),
        },
        this.report,
      ),
    );
    return this.exitCode;
  }

  async why(issue: IssueRef, service: string | null): Promise<number> {
    const config = this.configuration(true);
    if (config !== null) this.report(await askWhy(runningService(config, service), issue));
    return this.exitCode;
  }

  private readonly report = (finding: Finding): void => {
    if (finding.outcome === 'bad') this.isWell = false;
    this.write(`${this.scrub(findingLine(finding))}\n`);
  };

  private get exitCode(): number {
    return this.isWell ? 0 : 1;
  }

  /** The configuration of the service, or null with a line for each of its mistakes. */
  private configuration(isSilent = false): AppConfig | null {
    try {
      const config = readAppConfig();
      this.scrub = config.scrubber.scrub;
      if (!isSilent) this.report(good('The variables of the service can be used'));
      return config;
    } catch (error) {
      if (!(error instanceof InvalidConfigurationError)) throw error;
      for (const problem of error.problems)
        this.report(bad(problem.replace(/\.$/, ''), 'Set it in .env or the environment'));
      return null;
    }
  }

  private async withGitea(
    config: AppConfig,
    work: (bot: SetupGitea, administrator: SetupGitea) => Promise<unknown>,
  ): Promise<void> {
    const { token, setupToken } = config.gitea;
    const bot = await openGitea(config, token, 'GITEA_TOKEN');
    const administrator = setupToken === null ? bot : await openGitea(config, setupToken, 'GITEA_SETUP_TOKEN');
    try {
      await work(bot.gitea, administrator.gitea);
    } finally {
      await bot.close();
      if (administrator !== bot) await administrator.close();
    }
  }

  private machine(config: AppConfig | null): Machine {
    return {
      runner: new ProcessCommandRunner(),
      path: this.path,
      sandbox: () => tryTheSandbox(config),
      isSandboxOptional: config?.sandbox.isOptional ?? false,
    };
  }
}

/** The labels that mirror the states of a job, as they are on issues. */
async function stateLabels(scope: string): Promise<readonly WantedLabel[]> {
  // Loaded where it is needed: it is most of the service, and the other commands are faster without it.
  const { stateLabel } = await import('./orchestration/index.js');
  return JOB_STATES.map((state) => ({
    name: stateLabel(scope, state),
    color: '#1d76db',
    description: 'Set by the coordinator. Changing it by hand changes nothing.',
  }));
}

function runningService({ http }: AppConfig, address: string | null): RunningService {
  return {
    address: address ?? localAddress(http.host, http.port),
    apiToken: http.apiToken,
    fetch,
    timeoutMs: ANSWER_TIMEOUT_MS,
  };
}

/** Gitea asked with one token. Whoever waits for an answer on a terminal is not kept as long as the service waits. */
async function openGitea(
  { gitea: { url, botName }, scrubber }: AppConfig,
  token: string | null,
  variable: string,
): Promise<{ readonly gitea: SetupGitea; readonly close: () => Promise<void> }> {
  const options = { baseUrl: url, token, botName, scrub: scrubber.scrub, attempts: 3, timeoutMs: ANSWER_TIMEOUT_MS };
  const context = await openModule(GiteaModule.forRoot(options));
  return {
    gitea: {
      client: context.get(GiteaClient),
      access: context.get(GiteaAccessClient),
      hooks: context.get(GiteaHooksClient),
      files: context.get(GiteaFilesClient),
      convergence: context.get(Convergence),
      variable,
    },
    close: () => context.close(),
  };
}

async function tryTheSandbox(config: AppConfig | null): Promise<SandboxState> {
  const context = await openModule(
    SandboxModule.forRoot({ allowUnsandboxed: true, readable: config?.sandbox.readable ?? [] }),
  );
  try {
    return context.get<SandboxState>(SANDBOX_STATE);
  } finally {
    await context.close();
  }
}

function openModule(module: DynamicModule) {
  return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
}
