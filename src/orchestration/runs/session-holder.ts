import {
  UnknownSessionError,
  type AgentEvent,
  type AgentRuntime,
  type AgentSession,
  type SessionRef,
  type SessionSpec,
} from '../../agents/index.js';
import { messageOf } from '../../kernel/index.js';
import { RunFailedError } from '../orchestration.errors.js';

/** Holds the one session a run has open. */
export class SessionHolder {
  private session: AgentSession | null = null;
  private opened = 0;
  /** The ends of sessions that were closed; none runs any more when it resolves. */
  private closed: Promise<unknown> = Promise.resolve();

  /** @param onEvent told every event, with whether it is of the session that is open or being opened */
  constructor(
    private readonly runtime: AgentRuntime,
    private readonly specification: Omit<SessionSpec, 'onEvent' | 'resume'>,
    private readonly onEvent: (event: AgentEvent, isCurrent: boolean) => void,
  ) {}

  /** @throws {RunFailedError} if none is open */
  get current(): AgentSession {
    if (this.session === null) throw new RunFailedError('agent', false, 'The session is closed');
    return this.session;
  }

  /** Opens a new session in the place of the one that is open. @throws {RunFailedError} if the agent does not start */
  async openFresh(): Promise<AgentSession> {
    await this.close();
    try {
      this.session = await this.runtime.open({ ...this.specification, ...this.listener() });
      return this.session;
    } catch (error) {
      throw spawnFailure(error);
    }
  }

  /**
   * Opens a session again, in the place of the one that is open. False if it is not there any more.
   *
   * @throws {RunFailedError} if the agent does not start
   */
  async resume(ref: SessionRef): Promise<boolean> {
    await this.close();
    try {
      this.session = await this.runtime.open({ ...this.specification, ...this.listener(), resume: ref });
      return true;
    } catch (error) {
      if (error instanceof UnknownSessionError) return false;
      throw spawnFailure(error);
    }
  }

  /**
   * Ends the session, whose events are no longer current from now on. It can be resumed later. Whoever calls it while
   * the session is being closed waits for its end too: a workspace is free only when nothing of it runs any more.
   */
  async close(): Promise<void> {
    const { session } = this;
    this.session = null;
    this.opened += 1;
    if (session !== null) this.closed = Promise.all([this.closed, session.close()]);
    await this.closed;
  }

  private listener(): Pick<SessionSpec, 'onEvent'> {
    const { opened } = this;
    return { onEvent: (event) => this.onEvent(event, opened === this.opened) };
  }
}

function spawnFailure(error: unknown): RunFailedError {
  return new RunFailedError('spawn', false, `The agent did not start: ${messageOf(error)}`, null, { cause: error });
}
