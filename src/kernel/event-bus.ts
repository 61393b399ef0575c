import { messageOf } from './coded-error.js';

/** Something that happened, named in the past tense with its module first: `queue.job-moved`. */
export interface DomainEvent {
  readonly type: string;
}

/** Tells whoever listens what happened. Modules announce; metrics and the loop's wake-up listen. */
export interface EventBus {
  /** Calls every listener of the event's type before it returns. A listener's failure reaches nobody else. */
  publish<E extends DomainEvent>(event: E): void;
  /** Returns a function that ends the subscription. */
  subscribe<E extends DomainEvent>(type: E['type'], listener: (event: E) => void): () => void;
}

export const EVENT_BUS = Symbol('EVENT_BUS');

/** An EventBus within this process. Nothing is stored: what must survive a crash belongs in a store. */
export class InProcessEventBus implements EventBus {
  private readonly listeners = new Map<string, Set<(event: DomainEvent) => void>>();

  /** @param onFailure told of a listener that threw; a listener's fault must not undo what it was told about */
  constructor(private readonly onFailure: (sentence: string) => void = () => undefined) {}

  publish<E extends DomainEvent>(event: E): void {
    for (const listener of this.listeners.get(event.type) ?? []) {
      try {
        listener(event);
      } catch (error) {
        this.onFailure(`A listener of ${event.type} failed: ${messageOf(error)}`);
      }
    }
  }

  subscribe<E extends DomainEvent>(type: E['type'], listener: (event: E) => void): () => void {
    const listeners = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, listeners);
    const untyped = listener as (event: DomainEvent) => void;
    listeners.add(untyped);
    return () => void listeners.delete(untyped);
  }
}
