import { existsSync, watch } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  AgentCapabilities,
  AgentEvent,
  AgentProfile,
  AgentRuntime,
  AgentSession,
  SessionRef,
} from '../../src/agents/index.js';
import { ProcessCommandRunner } from '../../src/command-runner/index.js';
import { livingProcesses, noneLiving, someLiving } from '../support/living-processes.js';
import { startScenarioModel, type ScenarioModel, type ScenarioTurn } from '../support/scenario-script.js';
import { within } from '../support/within.js';

/** The key that the model accepts; no agent may see it. */
export const SCENARIO_KEY = 'scenario-key-8f21c7d90b34';

/** Real programs on a busy machine: what takes longer than this does not come. */
const SCENARIO_MS = 300_000;

/** An agent in a scenario. */
export interface ScenarioAgent {
  readonly runtime: AgentRuntime;
  /** `model`, `windowTokens` and the like as the agent needs them; address and key are the scenario's. */
  readonly profile: AgentProfile;
  /** Kills the agent's own process, as a crash would, and nothing that it started. Resolves when it is gone. */
  readonly kill: (session: AgentSession) => Promise<void>;
  /** What the coordinator does when it starts again after the crash. @default nothing */
  readonly recover?: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

export interface ScenarioSubject {
  /** The runtime, and how it is run: `claude in a sandbox`. */
  readonly name: string;
  /** Why it cannot be run here; null where it can. */
  readonly skippedBecause: string | null;
  /** What its sessions must say they can do. */
  readonly capabilities: AgentCapabilities;
  readonly makeAgent: (model: { readonly baseUrl: string; readonly apiKey: string }) => Promise<ScenarioAgent>;
  /**
   * Whether a session can be gone on with whose agent was killed, and not closed.
   * @default capabilities.resume
   */
  readonly resumesAfterKill?: boolean;
  /**
   * Whether a session goes on after a command was interrupted. Where it does not, it says that it is exhausted.
   * @default true
   */
  readonly goesOnAfterInterruption?: boolean;
}

export const scenarioProfile: AgentProfile = {
  name: 'scenario',
  runtime: 'any',
  model: 'scenario-model',
  baseUrl: null,
  apiKey: SCENARIO_KEY,
  windowTokens: 200_000,
  maxOutputTokens: 8_192,
  difficultyUpTo: 'hard',
  prices: null,
  isSelfHosted: true,
  maxConcurrent: 1,
  unusableBecause: null,
};

const TEST_FILE = `
import test from 'node:test';
import assert from 'node:assert/strict';
import { sum } from './sum.js';
test('adds', () => assert.equal(sum(2, 3), 5));
`;
const implementation = (operator: string) => `echo 'export const sum = (a, b) => a ${operator} b;' > sum.js`;

let endless = 0;

/** A command that says in a file that it runs, and runs until it is ended. Its mark is seen in the process table. */
function endlessCommand(file: string): { readonly mark: string; readonly script: string } {
  endless += 1;
  const mark = `600.${process.pid}${String(endless).padStart(4, '0')}`;
  return { mark, script: `touch ${file} && exec sleep ${mark}` };
}

/** What every agent must go through, with a model that plays a script. Call it once for each way to run one. */
export function describeAgentScenario(subject: ScenarioSubject): void {
  const { skippedBecause, capabilities, resumesAfterKill = capabilities.resume } = subject;
  const { goesOnAfterInterruption = true } = subject;
  const title = `${subject.name}, in the scenario of an issue`;
  const declare = skippedBecause === null ? describe : describe.skip;
  declare(skippedBecause === null ? title : `${title} (skipped: ${skippedBecause})`, () => {
    let directory: string;
    let agent: ScenarioAgent;
    let model: ScenarioModel;
    let events: AgentEvent[];
    let sessions: AgentSession[];
    let onUsage: (usedTokens: number) => void;
    const looks = new Set<() => void>();
    const cleanUps: (() => Promise<unknown>)[] = [];

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'scenario-'));
      cleanUps.push(() => rm(directory, { recursive: true, force: true }));
      await mkdir(join(directory, 'workspace'));
      await writeFile(join(directory, 'workspace', 'package.json'), '{ "type": "module" }');
      await writeFile(join(directory, 'workspace', 'sum.test.js'), TEST_FILE);
      events = [];
      sessions = [];
      onUsage = () => undefined;
    });

    afterEach(async () => {
      await Promise.all(sessions.map((session) => session.close()));
      for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    });

    const inWorkspace = (path: string) => join(directory, 'workspace', path);

    async function start(turns: readonly ScenarioTurn[]): Promise<void> {
      model = await startScenarioModel(turns, SCENARIO_KEY);
      cleanUps.push(() => model.stop());
      agent = await subject.makeAgent({ baseUrl: model.baseUrl, apiKey: SCENARIO_KEY });
      cleanUps.push(() => agent.dispose());
    }

    async function open(given: { readonly resume?: SessionRef; readonly workspace?: string } = {}) {
      const session = await agent.runtime.open({
        issue: { owner: 'mosaic', repo: 'sum', number: 7 },
        profile: agent.profile,
        workspace: given.workspace ?? join(directory, 'workspace'),
        home: join(directory, 'home'),
        instructions: 'You are the agent of a scenario.',
        ...(given.resume === undefined ? {} : { resume: given.resume }),
        onEvent: (event) => {
          events.push(event);
          for (const look of looks) look();
          if (event.type === 'usage') onUsage(event.usage.usedTokens ?? 0);
        },
      });
      sessions.push(session);
      return session;
    }

    /** What the coordinator does where a session is exhausted: it hands over. */
    async function openAfterExhausted(session: AgentSession) {
      expect(await session.prompt('Go on. [cross]')).toMatchObject({ stop: 'context_exhausted' });
      await session.close();
      return open();
    }

    /** What the coordinator does where a session cannot be gone on with: it takes a fresh one. */
    async function openInsteadOf(lost: SessionRef) {
      await expect(open({ resume: lost })).rejects.toMatchObject({ code: 'AGENTS_SESSION_UNKNOWN' });
      return open();
    }

    /** Resolves when the file is there. */
    async function appears(path: string): Promise<void> {
      const watcher = watch(join(directory, 'workspace'));
      const seen = new Promise<void>((resolve) => {
        const look = () => existsSync(inWorkspace(path)) && resolve();
        watcher.on('change', look);
        look();
      });
      const told = () => JSON.stringify({ events: events.slice(-20), unanswered: model.unanswered });
      await within(seen, `The file ${path}`, told, 60_000).finally(() => watcher.close());
    }

    /** Resolves when such an event was told. */
    async function told(type: AgentEvent['type']): Promise<void> {
      const seen = new Promise<void>((resolve) => {
        const look = () => events.some((event) => event.type === type) && resolve();
        looks.add(look);
        look();
      });
      await within(seen, `An event ${type}`, () => JSON.stringify(events.slice(-20)), 60_000);
      looks.clear();
    }

    /** What the coordinator does after a turn: runs the tests itself, outside the agent. */
    async function gate() {
      const { exitCode, stdout } = await new ProcessCommandRunner().run({
        argv: [process.execPath, '--test'],
        cwd: join(directory, 'workspace'),
        env: { PATH: String(process.env['PATH']) },
        timeoutMs: 60_000,
      });
      return { passed: exitCode === 0, report: stdout.text };
    }

    const seenIn = (mark: string) => model.seen.find((turn) => turn.mark === mark);

    it(
      'goes from a rejected change to a finished one, over an interruption, a full window and a crash',
      async () => {
        const long = endlessCommand('long.txt');
        const killed = endlessCommand('killed.txt');
        let usable = 100_000;
        const at = (share: number) => () => Math.round(usable * share);
        await start([
          { mark: '[implement]', steps: [{ run: implementation('-'), usedTokens: at(0.1) }] },
          { mark: '[rejected]', steps: [{ run: implementation('+'), usedTokens: at(0.2) }] },
          { mark: '[long]', steps: [{ run: long.script, usedTokens: at(0.3) }] },
          {
            mark: '[cross]',
            steps: [
              { run: 'echo 4 > four.txt', usedTokens: at(0.85) },
              { run: 'echo 5 > five.txt', usedTokens: at(0.86) },
              { run: 'echo 6 > six.txt', usedTokens: at(0.87) },
            ],
          },
          { mark: '[after]', steps: [{ run: 'echo 7 > seven.txt', usedTokens: at(0.3) }] },
          { mark: '[full]', steps: [{ run: 'echo 8 > eight.txt', usedTokens: at(0.96) }] },
          { mark: '[hand-over]', steps: [{ run: 'cat sum.js > nine.txt', usedTokens: at(0.1) }] },
          { mark: '[killed]', steps: [{ run: killed.script, usedTokens: at(0.2) }] },
          { mark: '[resumed]', steps: [{ run: 'echo 10 > ten.txt', usedTokens: at(0.25) }] },
        ]);

        let session = await open();
        expect(session.capabilities).toEqual(capabilities);
        usable = session.contextUsage().usableTokens ?? usable;

        expect(await session.prompt('Make sum.js. [implement]')).toMatchObject({ stop: 'end_turn', detail: null });
        const rejection = await gate();
        expect(rejection.passed).toBe(false);

        const fixed = await session.prompt(`The gates rejected it:\n${rejection.report}\n[rejected]`);
        expect(fixed).toMatchObject({ stop: 'end_turn', text: 'Done.' });
        expect(await gate()).toMatchObject({ passed: true });
        expect(seenIn('[rejected]')?.mentions('[implement]')).toBe(true);

        const interrupted = session.prompt('Run it for long. [long]');
        await appears('long.txt');
        await someLiving(long.mark);
        session.interrupt();
        expect(await interrupted).toMatchObject({ stop: 'interrupted' });
        await noneLiving(long.mark, 5_000);

        if (!goesOnAfterInterruption) session = await openAfterExhausted(session);

        onUsage = (usedTokens) => {
          if (usedTokens >= usable * 0.8) session.interrupt();
        };
        const crossed = await session.prompt('Go on. [cross]');
        onUsage = () => undefined;
        expect(crossed.stop).toBe(capabilities.usage === 'live' ? 'interrupted' : 'end_turn');
        expect(existsSync(inWorkspace('six.txt'))).toBe(capabilities.usage !== 'live');

        const before = session.contextUsage().usedTokens;
        expect((before ?? 0) >= usable * 0.8).toBe(capabilities.usage !== 'never');
        const compaction = await session.compact('The criteria: sum(2, 3) is 5.');
        expect(compaction.succeeded).toBe(capabilities.compact);
        expect((compaction.usedTokensAfter ?? 0) < usable * 0.8).toBe(true);

        expect(await session.prompt('Go on after that. [after]')).toMatchObject({ stop: 'end_turn' });
        expect((session.contextUsage().usedTokens ?? 0) < usable * 0.8).toBe(true);

        expect(await session.prompt('Fill it. [full]')).toMatchObject({ stop: 'end_turn' });
        expect((session.contextUsage().usedTokens ?? 0) >= usable * 0.95).toBe(capabilities.usage !== 'never');

        await session.close();
        const fresh = await open();
        expect(fresh.ref.id).not.toBe(session.ref.id);
        expect(await fresh.prompt('You take over. sum.js is done. [hand-over]')).toMatchObject({ stop: 'end_turn' });
        expect(await readFile(inWorkspace('nine.txt'), 'utf8')).toContain('a + b');
        expect(seenIn('[hand-over]')?.mentions('[implement]')).toBe(false);

        const crash = fresh.prompt('Run it once more. [killed]');
        await appears('killed.txt');
        await agent.kill(fresh);
        expect(await crash).toMatchObject({ stop: 'crashed' });
        await fresh.close();
        await agent.recover?.();
        await noneLiving(killed.mark);

        const resumed = await (resumesAfterKill ? open({ resume: fresh.ref }) : openInsteadOf(fresh.ref));
        expect(await resumed.prompt('The coordinator was restarted. [resumed]')).toMatchObject({ stop: 'end_turn' });
        expect(await readFile(inWorkspace('ten.txt'), 'utf8')).toBe('10\n');
        expect(seenIn('[resumed]')?.mentions('[hand-over]')).toBe(resumesAfterKill);
        expect(model.unanswered).toEqual([]);

        const spent = events.flatMap((event) => (event.type === 'spend' ? [event.spend.inputTokens] : []));
        expect(spent.reduce((sum, tokens) => sum + tokens, 0)).toBeGreaterThan(0);
      },
      SCENARIO_MS,
    );

    it(
      'works on one call at a time, and tells what it does',
      async () => {
        const long = endlessCommand('busy.txt');
        await start([{ mark: '[busy]', steps: [{ run: long.script, usedTokens: () => 1_000 }] }]);
        const session = await open();
        const turn = session.prompt('Try it. [busy]');
        await appears('busy.txt');
        await told('tool-started');

        expect(await session.prompt('Try it. [busy]')).toMatchObject({
          stop: 'error',
          detail: expect.stringContaining('busy'),
        });
        expect(await session.compact('')).toMatchObject({
          succeeded: false,
          detail: expect.stringContaining('busy'),
        });
        session.interrupt();

        expect(await turn).toMatchObject({ stop: 'interrupted' });
        expect(events).toContainEqual({
          type: 'tool-started',
          tool: expect.any(String),
          summary: expect.stringContaining('busy.txt'),
        });
        expect(events).toContainEqual(expect.objectContaining({ type: 'tool-ended' }));
      },
      SCENARIO_MS,
    );

    it(
      'leaves no process when it is closed, and does nothing afterwards',
      async () => {
        const long = endlessCommand('closed.txt');
        await start([{ mark: '[close]', steps: [{ run: long.script, usedTokens: () => 1_000 }] }]);
        const session = await open();
        session.interrupt();
        const turn = session.prompt('Try it. [close]');
        await appears('closed.txt');

        await session.close();

        expect(livingProcesses(long.mark)).toEqual([]);
        expect(await turn).toMatchObject({ stop: 'interrupted' });
        expect(await session.prompt('Once more. [close]')).toMatchObject({ stop: 'interrupted' });
        expect(await session.compact('')).toMatchObject({ succeeded: false, usedTokensAfter: null });
        await session.close();
      },
      SCENARIO_MS,
    );

    it(
      'keeps its key out of the reach of commands',
      async () => {
        const look = 'env > environment.txt; cat /proc/*/environ > environments.txt 2> /dev/null; true';
        await start([{ mark: '[look]', steps: [{ run: look, usedTokens: () => 1_000 }] }]);
        const session = await open();

        expect(await session.prompt('Look. [look]')).toMatchObject({ stop: 'end_turn' });

        expect(await readFile(inWorkspace('environment.txt'), 'utf8')).toContain('HOME=');
        expect(await readFile(inWorkspace('environment.txt'), 'utf8')).not.toContain(SCENARIO_KEY);
        expect(await readFile(inWorkspace('environments.txt'), 'utf8')).not.toContain(SCENARIO_KEY);
      },
      SCENARIO_MS,
    );

    it.each(['00000000-0000-4000-8000-00000000dead', '../../etc/passwd', ''])(
      'refuses to resume a session that is not there: %s',
      async (id) => {
        await start([]);
        const resume = { runtime: agent.runtime.kind, id };

        await expect(open({ resume })).rejects.toMatchObject({ code: 'AGENTS_SESSION_UNKNOWN' });
      },
      SCENARIO_MS,
    );

    it(
      'says that it cannot be started without a workspace',
      async () => {
        await start([]);

        const opening = open({ workspace: join(directory, 'missing') });

        await expect(opening).rejects.toMatchObject({ code: 'AGENTS_SPAWN_FAILED' });
      },
      SCENARIO_MS,
    );
  });
}
