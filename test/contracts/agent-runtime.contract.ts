import { existsSync, watch } from 'node:fs';
import { cp, mkdtemp, readFile, rm, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  AgentEvent,
  AgentProfile,
  AgentRuntime,
  AgentSession,
  SessionRef,
  SessionSpec,
} from '../../src/agents/index.js';

/** What an agent is to do when it is asked this. The implementation under test makes its agent do it. */
export interface ContractTurn {
  readonly prompt: string;
  /** What the window holds at each step; null for an agent that does not tell. */
  readonly usedTokens: number | null;
  readonly steps: readonly ({ readonly write: string; readonly content: string } | { readonly run: string })[];
  /** The last step does not end by itself. */
  readonly isStopped?: boolean;
}

export interface RuntimeUnderTest {
  readonly runtime: AgentRuntime;
  readonly profile: AgentProfile;
  readonly dispose: () => Promise<void>;
}

/** A command that says which process it is, and runs until it is ended. */
const ENDLESS = (name: string) => `echo $$ > ${name}.part && mv ${name}.part ${name} && exec sleep 600`;

const WRITE: ContractTurn = { prompt: 'Write it.', usedTokens: 1_000, steps: [{ write: 'a.txt', content: 'one' }] };
const RUN_LONG: ContractTurn = {
  prompt: 'Try it.',
  usedTokens: 1_500,
  steps: [{ run: ENDLESS('pid') }],
  isStopped: true,
};

export const contractProfile: AgentProfile = {
  name: 'contract',
  runtime: 'any',
  model: 'contract-model',
  baseUrl: null,
  apiKey: 'contract-key-1234567890',
  windowTokens: 12_000,
  maxOutputTokens: 2_000,
  difficultyUpTo: 'hard',
  prices: null,
  isSelfHosted: true,
  maxConcurrent: 1,
  unusableBecause: null,
};

/** What every AgentRuntime that can resume and compact must do. Call it once for each implementation. */
export function describeAgentRuntime(
  name: string,
  make: (turns: readonly ContractTurn[]) => Promise<RuntimeUnderTest>,
): void {
  describe(`${name}, as an AgentRuntime`, () => {
    let directory: string;
    let under: RuntimeUnderTest | undefined;
    let sessions: AgentSession[];
    let events: AgentEvent[];

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'agent-runtime-'));
      await mkdir(join(directory, 'workspace'));
      sessions = [];
      events = [];
    });

    afterEach(async () => {
      await Promise.all(sessions.map((session) => session.close()));
      await under?.dispose();
      await rm(directory, { recursive: true });
    });

    const inWorkspace = (path: string) => join(directory, 'workspace', path);
    const contentOf = (path: string) => readFile(inWorkspace(path), 'utf8');

    /** Resolves when the file is there. */
    async function appears(path: string): Promise<void> {
      const watcher = watch(join(directory, 'workspace'));
      const seen = new Promise<void>((resolve) => {
        const look = () => existsSync(inWorkspace(path)) && resolve();
        watcher.on('change', look);
        look();
      });
      await seen;
      watcher.close();
    }

    async function open(given: { resume?: SessionRef; home?: string; workspace?: string } = {}): Promise<AgentSession> {
      const { runtime, profile } = under as RuntimeUnderTest;
      const spec: SessionSpec = {
        issue: { owner: 'mosaic', repo: 'sum', number: 7 },
        profile,
        workspace: given.workspace ?? join(directory, 'workspace'),
        home: join(directory, given.home ?? 'home'),
        instructions: 'You are the agent of a contract.',
        ...(given.resume === undefined ? {} : { resume: given.resume }),
        onEvent: (event) => void events.push(event),
      };
      const session = await runtime.open(spec);
      sessions.push(session);
      return session;
    }

    async function start(...turns: ContractTurn[]): Promise<AgentSession> {
      under = await make(turns);
      return open();
    }

    it('takes one issue through rejection, interruption, a full window and the death of its process', async () => {
      const session = await start(
        WRITE,
        { prompt: 'The gates failed.', usedTokens: 2_000, steps: [{ write: 'a.txt', content: 'two' }] },
        { prompt: 'Try it.', usedTokens: 3_000, steps: [{ run: ENDLESS('pid') }], isStopped: true },
        { prompt: 'Go on.', usedTokens: 8_500, steps: [{ write: 'b.txt', content: 'three' }] },
        { prompt: 'And on.', usedTokens: 1_200, steps: [{ write: 'c.txt', content: 'four' }] },
        { prompt: 'Try again.', usedTokens: 1_400, steps: [{ run: ENDLESS('again') }], isStopped: true },
        { prompt: 'The coordinator was restarted.', usedTokens: 1_600, steps: [{ write: 'd.txt', content: 'five' }] },
      );

      const written = await session.prompt('Write it.');
      expect(written).toMatchObject({ stop: 'end_turn', detail: null, retryAfterMs: null });
      expect(await contentOf('a.txt')).toBe('one');
      expect(session.contextUsage()).toEqual({ usedTokens: 1_000, windowTokens: 12_000, usableTokens: 10_000 });

      await session.prompt('The gates failed.');
      expect(await contentOf('a.txt')).toBe('two');

      const long = session.prompt('Try it.');
      await appears('pid');
      session.interrupt();
      expect(await long).toMatchObject({ stop: 'interrupted' });
      expect(isAlive(await contentOf('pid'))).toBe(false);

      expect(await session.prompt('Go on.')).toMatchObject({ stop: 'end_turn' });
      expect(session.contextUsage().usedTokens).toBe(8_500);
      expect(await session.compact('Sum, never subtract.')).toMatchObject({ succeeded: true, detail: null });
      expect(session.contextUsage().usedTokens ?? 0).toBeLessThan(8_500);

      expect(await session.prompt('And on.')).toMatchObject({ stop: 'end_turn' });
      expect(await contentOf('c.txt')).toBe('four');
      expect(session.contextUsage().usedTokens).toBe(1_200);

      const killed = session.prompt('Try again.');
      await appears('again');
      // What is on the disk at this moment is what a killed process leaves.
      await cp(join(directory, 'home'), join(directory, 'left'), { recursive: true });
      await session.close();
      await killed;

      const resumed = await open({ resume: session.ref, home: 'left' });
      expect(resumed.ref).toEqual(session.ref);
      expect(resumed.contextUsage().usedTokens).toBe(1_400);
      expect(await resumed.prompt('The coordinator was restarted.')).toMatchObject({ stop: 'end_turn' });
      expect(await contentOf('d.txt')).toBe('five');
    });

    it('tells what it does while it works', async () => {
      const session = await start(WRITE);

      await session.prompt('Write it.');

      expect(events).toContainEqual({ type: 'tool-started', tool: 'write', summary: 'a.txt' });
      expect(events).toContainEqual({
        type: 'tool-ended',
        tool: 'write',
        isError: false,
        durationMs: expect.any(Number),
      });
      expect(events).toContainEqual({
        type: 'usage',
        usage: { usedTokens: 1_000, windowTokens: 12_000, usableTokens: 10_000 },
      });
    });

    it('does not know its occupancy before the first call, nor where it is not told', async () => {
      const session = await start({ ...WRITE, usedTokens: null });
      expect(session.contextUsage().usedTokens).toBeNull();

      await session.prompt('Write it.');

      expect(session.contextUsage().usedTokens).toBeNull();
    });

    it('works on one call at a time', async () => {
      const session = await start(RUN_LONG);
      const turn = session.prompt('Try it.');
      await appears('pid');

      expect(await session.prompt('Try it.')).toMatchObject({ stop: 'error', detail: expect.stringContaining('busy') });
      expect(await session.compact('')).toMatchObject({ succeeded: false, detail: expect.stringContaining('busy') });
      session.interrupt();

      expect(await turn).toMatchObject({ stop: 'interrupted' });
    });

    it('takes no notice of an interruption while no turn runs', async () => {
      const session = await start(WRITE);

      session.interrupt();

      expect(await session.prompt('Write it.')).toMatchObject({ stop: 'end_turn' });
    });

    it('leaves no process when it is closed, and does nothing afterwards', async () => {
      const session = await start(RUN_LONG, WRITE);
      const turn = session.prompt('Try it.');
      await appears('pid');

      await session.close();

      expect(isAlive(await contentOf('pid'))).toBe(false);
      expect(await turn).toMatchObject({ stop: 'interrupted' });
      expect(await session.prompt('Write it.')).toMatchObject({ stop: 'interrupted' });
      expect(await session.compact('')).toMatchObject({ succeeded: false, usedTokensAfter: null });
      expect(existsSync(inWorkspace('a.txt'))).toBe(false);
      await session.close();
    });

    it('gives each session a name of its own', async () => {
      const first = await start(WRITE);
      const second = await open();

      expect(first.ref.runtime).toBe((under as RuntimeUnderTest).runtime.kind);
      expect(first.ref.id).not.toBe(second.ref.id);
    });

    it.each(['00000000-0000-4000-8000-00000000dead', '../../etc/passwd', ''])(
      'refuses to resume a session that is not there: %s',
      async (id) => {
        const { ref } = await start(WRITE);

        await expect(open({ resume: { ...ref, id } })).rejects.toMatchObject({ code: 'AGENTS_SESSION_UNKNOWN' });
      },
    );

    it('says that it cannot be started without a workspace', async () => {
      await start(WRITE);

      await expect(open({ workspace: join(directory, 'missing') })).rejects.toMatchObject({
        code: 'AGENTS_SPAWN_FAILED',
      });
    });

    it('keeps its key out of the environment of commands', async () => {
      const session = await start({ prompt: 'Look.', usedTokens: 1_000, steps: [{ run: 'env > environment.txt' }] });

      await session.prompt('Look.');

      expect(await contentOf('environment.txt')).toContain('HOME=');
      expect(await contentOf('environment.txt')).not.toContain(contractProfile.apiKey);
    });
  });
}

function isAlive(pid: string): boolean {
  return existsSync(`/proc/${pid.trim()}`);
}
