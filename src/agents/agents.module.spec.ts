import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { contractProfile } from '../../test/contracts/agent-runtime.contract.js';
import { CommandRunnerModule, ProcessCommandRunner } from '../command-runner/index.js';
import { EVENT_BUS, KernelModule, type EventBus } from '../kernel/index.js';
import { EgressModule } from '../egress/index.js';
import { AgentRegistry } from './agent-registry.js';
import type { AgentProfile } from './agent-profile.js';
import { AgentsModule } from './agents.module.js';
import { ModelAvailability } from './model-availability.js';
import { ScriptedRuntime } from './runtimes/scripted/scripted.runtime.js';

const scripted = () => new ScriptedRuntime({}, new ProcessCommandRunner());
const profile = (runtime: string): AgentProfile => ({ ...contractProfile, name: 'glm', runtime });

describe('AgentRegistry', () => {
  it('finds the runtime of a profile', () => {
    const runtime = scripted();
    const registry = new AgentRegistry([runtime], [profile('scripted')]);

    expect(registry.runtimeOf(profile('scripted'))).toBe(runtime);
    expect(registry.kinds).toEqual(['scripted']);
    expect(registry.profiles).toHaveLength(1);
  });

  it('refuses two runtimes of one kind', () => {
    expect(() => new AgentRegistry([scripted(), scripted()])).toThrow(
      expect.objectContaining({ code: 'AGENTS_RUNTIME_DUPLICATE', message: expect.stringContaining('scripted') }),
    );
  });

  it('refuses a profile whose runtime there is not, at start and later', () => {
    expect(() => new AgentRegistry([scripted()], [profile('claude')])).toThrow(
      expect.objectContaining({
        code: 'AGENTS_RUNTIME_UNKNOWN',
        message: expect.stringContaining('there are: scripted'),
      }),
    );
    expect(() => new AgentRegistry([]).runtimeOf(profile('claude'))).toThrow('there are: none');
  });
});

describe('AgentsModule', () => {
  it('starts alone, with the embedded runtime and no profile', async () => {
    const moduleRef = await Test.createTestingModule({ imports: [AgentsModule.forRoot({})] }).compile();

    const registry = moduleRef.get(AgentRegistry);

    expect(registry.kinds).toEqual(['embedded']);
    expect(registry.profiles).toEqual([]);
  });

  it('knows which profiles may be used, and tells the event bus of the app', async () => {
    const moduleRef = await Test.createTestingModule({
      imports: [KernelModule, AgentsModule.forRoot({ runtimes: [scripted()], profiles: [profile('scripted')] })],
    }).compile();
    const told: string[] = [];
    moduleRef.get<EventBus>(EVENT_BUS).subscribe('agents.profile-closed', ({ type }) => void told.push(type));

    const refused = { stop: 'auth', text: '', detail: null, retryAfterMs: null } as const;
    moduleRef.get(ModelAvailability).noteTurn(profile('scripted'), refused);

    expect([...moduleRef.get(ModelAvailability).closedProfiles().keys()]).toEqual(['glm']);
    expect(told).toEqual(['agents.profile-closed']);
  });

  it('takes runtimes and profiles, later too, and uses the command runner of the app', async () => {
    const moduleRef = await Test.createTestingModule({
      imports: [
        CommandRunnerModule.forRoot({}),
        AgentsModule.forRootAsync({
          useFactory: () => ({ runtimes: [scripted()], profiles: [profile('scripted')] }),
        }),
      ],
    }).compile();

    expect(moduleRef.get(AgentRegistry).kinds).toEqual(['scripted']);
  });

  it('has agents that are programs of their own where they can be started and have a way out', async () => {
    const moduleRef = await Test.createTestingModule({
      imports: [CommandRunnerModule.forRoot({}), EgressModule.forRoot({}), AgentsModule.forRoot({})],
    }).compile();

    expect(moduleRef.get(AgentRegistry).kinds).toEqual(['embedded', 'claude', 'acp']);
  });

  it('does not start with an option that is out of range', async () => {
    const starting = Test.createTestingModule({
      imports: [AgentsModule.forRoot({ embedded: { attempts: 0 } })],
    }).compile();

    await expect(starting).rejects.toMatchObject({ code: 'AGENTS_OPTIONS_INVALID' });
  });

  it('does not start with a profile that nobody can run', async () => {
    const starting = Test.createTestingModule({
      imports: [AgentsModule.forRoot({ profiles: [profile('claude')] })],
    }).compile();

    await expect(starting).rejects.toMatchObject({ code: 'AGENTS_RUNTIME_UNKNOWN' });
  });
});
