import type { ForwardedFailure, ForwardedUse, ModelRoute } from '../../../egress/index.js';
import type { AgentProfile, ModelProtocol } from '../../agent-profile.js';
import type { AgentEvent } from '../../agents.types.js';
import type { ModelRefusal } from './turn-result.js';

const ADDRESSES: Readonly<Record<ModelProtocol, string>> = {
  anthropic: 'https://api.anthropic.com',
  openai: 'https://api.openai.com',
  google: 'https://generativelanguage.googleapis.com',
};

/** Where a profile's model is, for the way out. */
export function modelRouteOf(profile: AgentProfile, protocol: ModelProtocol): ModelRoute {
  return { protocol, baseUrl: profile.baseUrl ?? ADDRESSES[protocol], apiKey: profile.apiKey, model: profile.model };
}

/**
 * Sees what goes through a session's way out: tells what is spent, every call of the agent included that it does not
 * speak of, and keeps the last refusal.
 */
export class ModelWatch {
  private lastRefusal: ModelRefusal | null = null;
  private hasAnsweredInTurn = false;

  constructor(private readonly onEvent: (event: AgentEvent) => void) {}

  /** The refusal of this turn after which the model has not answered; null where there is none. */
  get refusal(): ModelRefusal | null {
    return this.lastRefusal;
  }

  /** Whether the model answered at all in this turn. */
  get hasAnswered(): boolean {
    return this.hasAnsweredInTurn;
  }

  beginTurn(): void {
    this.lastRefusal = null;
    this.hasAnsweredInTurn = false;
  }

  readonly onUse = (use: ForwardedUse): void => {
    this.lastRefusal = null;
    this.hasAnsweredInTurn = true;
    this.onEvent({ type: 'spend', spend: { ...use } });
  };

  /** A call that the way out itself refused reached no model, whatever the agent makes of it. */
  readonly onRefusal = (what: string): void => {
    if (!what.startsWith('POST ')) return;
    this.lastRefusal = { status: 403, detail: `refused on its way: ${what}`, retryAfterMs: null, isOwn: true };
  };

  readonly onModelFailure = (failure: ForwardedFailure): void => {
    this.lastRefusal = { ...failure, isOwn: false };
    const { status, detail, retryAfterMs } = failure;
    const words = detail === '' ? '' : `: ${detail}`;
    this.onEvent({
      type: 'model-retry',
      detail: `The model's API failed with ${status}${words}`,
      waitMs: retryAfterMs ?? 0,
    });
  };
}
