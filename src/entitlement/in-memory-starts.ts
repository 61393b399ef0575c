import { issueKey, type IssueRef } from '../kernel/index.js';
import type { Person } from './entitlement.types.js';
import type { HistoryMark, Start, StartReading, StartSource } from './start-source.port.js';

/** Who made issues work for the bot, within this process. */
export class InMemoryStarts implements StartSource {
  readonly canTell = true;
  private readonly starts = new Map<string, Start>();
  private readonly removers = new Map<string, Person>();
  private events = 0;

  /** Somebody assigns the bot, or opens the issue again. */
  begin(ref: IssueRef, person: Person): Start {
    this.events += 1;
    const start = { eventId: this.events, person, at: this.events };
    this.starts.set(issueKey(ref), start);
    return start;
  }

  /** Somebody takes a label away. */
  takeLabel(ref: IssueRef, label: string, person: Person): void {
    this.removers.set(`${issueKey(ref)} ${label}`, person);
  }

  async labelRemoverOf(ref: IssueRef, label: string): Promise<Person | null> {
    return this.removers.get(`${issueKey(ref)} ${label}`) ?? null;
  }

  async startsAfter(ref: IssueRef, mark: HistoryMark): Promise<StartReading> {
    const start = this.starts.get(issueKey(ref));
    if (start === undefined || start.eventId <= mark.id) return { start: null, readTo: mark };
    return { start, readTo: { id: start.eventId, at: start.at } };
  }
}
