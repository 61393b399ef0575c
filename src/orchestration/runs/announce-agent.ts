import type { AgentEvent } from '../../agents/index.js';
import type { RunScope } from './run-scope.js';

/** Tells of what an agent does, as far as people want to know it. */
export function announceAgent(scope: Pick<RunScope, 'announce'>, event: AgentEvent): void {
  switch (event.type) {
    case 'tool-started': {
      const { tool, summary } = event;
      return scope.announce({ type: 'orchestration.agent-acted', tool, summary });
    }
    case 'model-retry': {
      const { detail, waitMs } = event;
      return scope.announce({ type: 'orchestration.agent-waited', detail, waitMs });
    }
    case 'activity':
    case 'spend':
    case 'text':
    case 'tool-ended':
    case 'usage':
      return;
  }
}
