import { describeAgentScenario, scenarioProfile } from './contracts/agent-scenario.contract.js';
import { HostedRuntime } from './support/hosted-runtime.js';

describeAgentScenario({
  name: 'embedded, in a process of its own',
  skippedBecause: null,
  capabilities: { resume: true, compact: true, usage: 'live' },
  makeAgent: async ({ baseUrl, apiKey }) => {
    const runtime = new HostedRuntime();
    return {
      runtime,
      profile: { ...scenarioProfile, runtime: runtime.kind, baseUrl, apiKey },
      kill: (session) => runtime.kill(session),
      recover: () => runtime.recover(),
      dispose: () => runtime[Symbol.asyncDispose](),
    };
  },
});
