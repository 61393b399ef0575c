import type { ModelProtocol } from './agent-profile.js';
import type { ProfileEntry } from './profile-entry.js';
import { protocolsOfPreset } from './runtimes/acp/acp-presets.js';

/** What of a profile's entry says which agent is started. */
export type AgentChoice = Pick<ProfileEntry, 'runtime' | 'preset' | 'command' | 'protocol'>;

/** One key of a profile that does not fit the others. */
export interface UnfitChoice {
  readonly key: 'preset' | 'command' | 'protocol';
  readonly problem: string;
}

/** The runtimes that come with this package and call a model by the Messages API alone. */
const ANTHROPIC_ONLY = ['embedded', 'claude'];
/** The runtimes that start no program of their own choice. */
const WITHOUT_PROGRAM = ['embedded', 'scripted'];

/** Decides whether the keys that name an agent fit one another. A runtime that somebody added is taken as it is. */
export function findUnfitChoices({ runtime, preset, command, protocol }: AgentChoice): UnfitChoice[] {
  const unfit: UnfitChoice[] = [];
  if (runtime === 'acp' && preset === null && command === null) {
    unfit.push({ key: 'preset', problem: 'must name a known agent, or command must name a program' });
  }
  if (runtime !== 'acp' && preset !== null) unfit.push({ key: 'preset', problem: 'is for the runtime acp alone' });
  if (command !== null && WITHOUT_PROGRAM.includes(runtime)) {
    unfit.push({ key: 'command', problem: `is not for the runtime ${runtime}, which starts no program` });
  }
  const spoken = spokenBy({ runtime, preset });
  if (protocol !== null && spoken !== null && !spoken.includes(protocol)) {
    const agent = preset ?? `the runtime ${runtime}`;
    unfit.push({ key: 'protocol', problem: `is not spoken by ${agent}, which speaks ${spoken.join(', ')}` });
  }
  return unfit;
}

/** The API that a profile's address speaks: as it says, or as its agent usually calls one; null where nothing is said. */
export function protocolOf({ preset, protocol }: Pick<AgentChoice, 'preset' | 'protocol'>): ModelProtocol | null {
  return protocol ?? (preset === null ? null : (protocolsOfPreset(preset)?.[0] ?? null));
}

function spokenBy({ runtime, preset }: Pick<AgentChoice, 'runtime' | 'preset'>): readonly ModelProtocol[] | null {
  if (ANTHROPIC_ONLY.includes(runtime)) return ['anthropic'];
  return runtime === 'acp' && preset !== null ? protocolsOfPreset(preset) : null;
}
