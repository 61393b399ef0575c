// Who may import whom, each through its index.ts. Everybody may import kernel. .dependency-cruiser.cjs makes rules of
// it, and test/architecture.e2e-spec.ts runs them and checks that they looked at something.
module.exports = {
  kernel: [],
  config: [],
  'command-runner': [],
  security: [],
  parser: [],
  queue: [],
  'context-monitor': [],
  gitea: [],
  sandbox: ['command-runner'],
  egress: [],
  budgets: [],
  calibration: [],
  entitlement: [],
  retention: [],
  agents: ['command-runner', 'egress'],
  workspaces: ['command-runner'],
  'quality-gates': ['command-runner'],
  webhook: ['security'],
  orchestration: [
    'webhook',
    'parser',
    'queue',
    'agents',
    'context-monitor',
    'quality-gates',
    'budgets',
    'calibration',
    'entitlement',
  ],
  persistence: ['webhook', 'queue', 'parser', 'quality-gates', 'orchestration', 'budgets', 'calibration', 'retention'],
  metrics: ['webhook', 'queue', 'agents', 'orchestration', 'budgets'],
  health: ['persistence', 'orchestration'],
  api: ['queue', 'orchestration', 'budgets', 'calibration'],
  // Setting up and looking after: what the program's commands do.
  setup: ['gitea', 'quality-gates', 'command-runner'],
  // The testing kit: stand-ins that speak the real protocols, and doubles of the kernel's ports.
  testing: [],
  // The demonstration: starts the stand-ins and the built program, and tells what happens.
  demo: ['testing'],
};
