import { issueKey, type IssueRef } from '../kernel/index.js';
import type { Person } from './entitlement.types.js';
import type { Start, StartSource } from './start-source.port.js';

/** Who made issues work for the bot, within this process. */
export class InMemoryStarts implements StartSource {
  private readonly starts = new Map<string, Start>();
  private events = 0;

  /** Somebody assigns the bot, or opens the issue again. */
  begin(ref: IssueRef, person: Person): Start {
    this.events += 1;
    const start = { eventId: this.events, person };
    this.starts.set(issueKey(ref), start);
    return start;
  }

  async startOf(ref: IssueRef): Promise<Start | null> {
    return this.starts.get(issueKey(ref)) ?? null;
  }
}
