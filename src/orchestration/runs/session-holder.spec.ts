import { describe, expect, it } from '@jest/globals';

import { PuppetRuntime } from '../../../test/support/puppet-runtime.js';
import { PROFILE } from '../../../test/support/start-orchestration.js';
import type { AgentSession } from '../../agents/index.js';
import { SessionHolder } from './session-holder.js';

/** A holder of one open session, whose end the test decides upon. */
async function holdSession() {
  const runtime = new PuppetRuntime({ turns: [] });
  const specification = {
    issue: { owner: 'acme', repo: 'tools', number: 7 },
    profile: PROFILE,
    workspace: '/w',
    home: '/h',
    instructions: '',
  };
  const holder = new SessionHolder(runtime, specification, () => undefined);
  const session: AgentSession = await holder.openFresh();
  let end: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const closed = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  session.close = () => closed;
  return { holder, runtime, end, fail };
}

/** Lets everything go on that waits for nothing. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('SessionHolder', () => {
  it('is closed for the second who asks no sooner than for the first', async () => {
    const { holder, end } = await holdSession();
    const over: string[] = [];

    const both = [holder.close().then(() => over.push('first')), holder.close().then(() => over.push('second'))];
    await settle();
    expect(over).toEqual([]);

    end();
    await Promise.all(both);
    expect(over).toHaveLength(2);
  });

  it('opens no session while another still ends', async () => {
    const { holder, runtime, end } = await holdSession();
    void holder.close();

    const opening = holder.openFresh();
    await settle();
    expect(runtime.opened).toHaveLength(1);

    end();
    await opening;
    expect(runtime.opened).toHaveLength(2);
  });

  it('tells everybody who waits that a session could not be ended', async () => {
    const { holder, fail } = await holdSession();
    const first = holder.close();
    const second = holder.close();

    fail(new Error('it runs on'));

    await expect(first).rejects.toThrow('it runs on');
    await expect(second).rejects.toThrow('it runs on');
  });
});
