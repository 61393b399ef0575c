import { AgentSpawnError } from '../../agents.errors.js';
import { errorCodeOf } from '../error-code.js';
import type { ClaudeSdk } from './claude-sdk.types.js';

/** The version all numbers of this runtime were measured with. */
export const MEASURED_SDK = '0.3.330';

const PACKAGE = '@anthropic-ai/claude-agent-sdk';

/** Loads the package when the first session is opened. Its name is computed: no compiler or packer follows it. */
export function importClaudeSdk(): Promise<unknown> {
  const name = [PACKAGE].join('');
  return import(name);
}

/** @throws {AgentSpawnError} if the package is not there or is another one */
export async function loadClaudeSdk(load: () => Promise<unknown>): Promise<ClaudeSdk> {
  const loaded: unknown = await load().catch((error: unknown) => {
    const isMissing = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(errorCodeOf(error) ?? '');
    throw new AgentSpawnError(
      isMissing
        ? `The runtime claude needs the Claude Agent SDK, which is not installed: npm install ${PACKAGE}@${MEASURED_SDK}. ` +
            'It is proprietary, under terms of Anthropic, and therefore your choice. It brings its own Claude Code; ' +
            'the command of a profile can name another one.'
        : `The Claude Agent SDK could not be loaded (${errorCodeOf(error) ?? 'no code'}). Install it again: ` +
            `npm install ${PACKAGE}@${MEASURED_SDK}`,
      { cause: error },
    );
  });
  if (typeof loaded === 'object' && loaded !== null && 'query' in loaded && typeof loaded.query === 'function') {
    return loaded as ClaudeSdk;
  }
  throw new AgentSpawnError(
    `The installed ${PACKAGE} has no function query. The version that was measured is ${MEASURED_SDK}.`,
  );
}
