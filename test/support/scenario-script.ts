import {
  ScriptedModelServer,
  callTool,
  say,
  stepsRule,
  type ModelConversation,
  type ModelRule,
} from '../../src/testing/index.js';

/** One command that the model runs, and how full the window is at that call. */
export interface ScenarioStep {
  readonly run: string;
  /** Tokens that the call reads; it is asked when the call comes. */
  readonly usedTokens: () => number;
}

/** What the model does when the last prompt holds a mark: these commands one after the other, then an answer. */
export interface ScenarioTurn {
  readonly mark: string;
  readonly steps: readonly ScenarioStep[];
}

/** What the model saw when it was asked the first time in a turn. */
export interface SeenTurn {
  readonly mark: string;
  /** Whether a text stands in the conversation that was sent. */
  readonly mentions: (text: string) => boolean;
}

/** A model that plays a scenario, behind whatever API the agent speaks. */
export interface ScenarioModel {
  readonly baseUrl: string;
  /** The turns it was asked for, in order. */
  readonly seen: readonly SeenTurn[];
  /** One sentence for each request that it could not answer. */
  readonly unanswered: readonly string[];
  readonly stop: () => Promise<void>;
}

/** How the tool is called, in known agents, that runs a command, and what its argument is called. */
const COMMAND_TOOLS: Readonly<Record<string, string>> = {
  bash: 'command',
  Bash: 'command',
  run_shell_command: 'command',
  shell_command: 'command',
  exec_command: 'cmd',
};

function commandTool(conversation: ModelConversation): string | undefined {
  return conversation.toolNames.find((name) => Object.hasOwn(COMMAND_TOOLS, name));
}

/** The conversation that was sent, under the name that each API has for it. */
function historyIn({ request }: ModelConversation): unknown {
  return [request['messages'], request['input'], request['contents']];
}

function ruleOf({ mark, steps }: ScenarioTurn, seen: SeenTurn[]): ModelRule {
  const usageOf = (step: ScenarioStep | undefined) => ({ usage: { inputTokens: step?.usedTokens() ?? 1_000 } });
  return stepsRule({
    name: mark,
    // A call without tools asks for a title or a suggestion, and quotes the prompt.
    when: (c) => commandTool(c) !== undefined && c.lastPrompt.includes(mark),
    steps: [
      ...steps.map((step, index) => (c: ModelConversation) => {
        if (index === 0) seen.push({ mark, mentions: (text) => JSON.stringify(historyIn(c)).includes(text) });
        const tool = commandTool(c) ?? 'bash';
        return callTool(tool, { [String(COMMAND_TOOLS[tool])]: step.run }, usageOf(step));
      }),
      () => say('Done.', usageOf(steps.at(-1))),
    ],
  });
}

/** The scenario, over every API that the scripted model speaks. */
export async function startScenarioModel(turns: readonly ScenarioTurn[], apiKey: string): Promise<ScenarioModel> {
  const seen: SeenTurn[] = [];
  const summary: ModelRule = { when: (c) => /summar|replace this whole/i.test(c.lastPrompt), reply: say('A summary.') };
  const anything: ModelRule = { when: () => true, reply: say('A title') };
  const rules = [...turns.map((turn) => ruleOf(turn, seen)), summary, anything];
  const server = new ScriptedModelServer({ rules, apiKey, countTokens: () => 900 });
  const baseUrl = await server.start();
  return { baseUrl, seen, unanswered: server.unanswered, stop: () => server.stop() };
}
