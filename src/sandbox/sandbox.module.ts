import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { ProcessCommandRunner, SANDBOX, type Sandbox } from '../command-runner/index.js';
import { BubblewrapSandbox } from './bubblewrap-sandbox.js';
import { NoSandbox } from './no-sandbox.js';
import { probeSandbox } from './probe-sandbox.js';
import { SandboxUnusableError } from './sandbox.errors.js';
import {
  SANDBOX_OPTIONS,
  resolveSandboxOptions,
  type SandboxModuleOptions,
  type SandboxOptions,
} from './sandbox.options.js';
import { SANDBOX_STATE, type SandboxState } from './sandbox.types.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<SandboxModuleOptions>({
  moduleName: 'Sandbox',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/** The sandbox of this machine, and what it is. */
interface Chosen {
  readonly sandbox: Sandbox;
  readonly state: SandboxState;
}

const CHOSEN = Symbol('CHOSEN');

/**
 * Confines the programs that agents and their work consist of. Needs the command runner's port alone; the runner of
 * `CommandRunnerModule` uses this sandbox where both are imported.
 *
 * It tries the sandbox out while it starts. Where it is not usable, the module does not start, unless it is told that
 * programs may run unconfined.
 */
@Module({
  providers: [
    { provide: SANDBOX_OPTIONS, useFactory: resolveSandboxOptions, inject: [MODULE_OPTIONS_TOKEN] },
    { provide: CHOSEN, useFactory: chooseSandbox, inject: [SANDBOX_OPTIONS] },
    { provide: SANDBOX, useFactory: ({ sandbox }: Chosen) => sandbox, inject: [CHOSEN] },
    { provide: SANDBOX_STATE, useFactory: ({ state }: Chosen) => state, inject: [CHOSEN] },
  ],
  exports: [SANDBOX, SANDBOX_STATE],
})
export class SandboxModule extends ConfigurableModuleClass {}

/** @throws {SandboxUnusableError} if there is none, and programs may not run without one */
async function chooseSandbox(options: SandboxOptions): Promise<Chosen> {
  const sandbox = new BubblewrapSandbox(options);
  const probe = await probeSandbox(new ProcessCommandRunner({ sandbox }), sandbox.bubblewrapPath);
  if (probe.usable) return { sandbox, state: { isConfining: true, version: probe.version, warning: null } };
  sandbox.onApplicationShutdown();
  const sentences = `${probe.reason}. ${probe.remedy}`;
  if (!options.allowUnsandboxed) throw new SandboxUnusableError(`Agents cannot be confined: ${sentences}`);
  const warning = `Agents and gates run unconfined. ${sentences}`;
  return { sandbox: new NoSandbox(options.bridgeFiles), state: { isConfining: false, version: null, warning } };
}
