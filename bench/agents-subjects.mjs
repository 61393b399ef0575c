// Which agents are started by agents-starts.mjs, of those that are installed.
import { accessSync, constants, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPTED = fileURLToPath(new URL('../test/fixtures/acp/scripted-agent.mjs', import.meta.url));

const isThere = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

function installed(program) {
  const directories = [...process.env.PATH.split(':'), resolve('node_modules/.bin')];
  const path = directories.map((directory) => join(directory, program)).find(isThere);
  return path === undefined ? null : realpathSync(path);
}

function whyNoClaude() {
  const sdk = '@anthropic-ai/claude-agent-sdk';
  for (const name of [sdk, `${sdk}-${process.platform}-${process.arch}/package.json`]) {
    try {
      import.meta.resolve(name);
    } catch {
      return `${sdk} or its program for this platform is not installed`;
    }
  }
  return null;
}

/** What is measured; `missing` says why one is not. */
export function subjects() {
  const acp = (preset, args = []) => {
    const path = installed(preset);
    const missing = path === null ? `${preset} is not installed` : null;
    return { name: `acp, ${preset}`, kind: 'acp', missing, profile: { preset, command: [path, ...args] } };
  };
  const script = JSON.stringify({ model: true });
  return [
    { name: 'embedded', kind: 'embedded', missing: null, profile: {} },
    { name: 'claude', kind: 'claude', missing: whyNoClaude(), profile: {} },
    {
      name: 'acp, a scripted agent in Node',
      kind: 'acp',
      missing: null,
      profile: { preset: 'claude-agent-acp', command: [SCRIPTED, script] },
    },
    acp('claude-agent-acp'),
    acp('opencode', ['acp']),
  ];
}
