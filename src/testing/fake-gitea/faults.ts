import { FakeGiteaError } from './fake-gitea.errors.js';

/** What goes wrong. Where it says "done", the request took effect. */
export type FaultKind =
  /** Answers `status` with Gitea's empty message, and does nothing. */
  | { readonly kind: 'status'; readonly status: number }
  /** Answers `status` (502 by default) with a page of HTML, as a proxy does, and does nothing. */
  | { readonly kind: 'html'; readonly status?: number }
  /** Done, and answered with the first half of the JSON. */
  | { readonly kind: 'truncated' }
  /** Never answers, and does nothing. */
  | { readonly kind: 'stall' }
  /** Closes the connection, and does nothing. */
  | { readonly kind: 'reset' }
  /** Done, and then the connection is closed without an answer. */
  | { readonly kind: 'done-but-timed-out' }
  /** Done, and then no answer ever comes. */
  | { readonly kind: 'done-but-stalled' }
  /** Answers `status` (429 by default) with `Retry-After`, and does nothing. */
  | { readonly kind: 'retry-after'; readonly seconds: number; readonly status?: number }
  /** Answers 307 to `location`, and does nothing. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** Answers `status` with `body`, and does nothing. */
  | { readonly kind: 'pretend'; readonly status: number; readonly body: unknown }
  /** Answers 200 with this many bytes of JSON, and does nothing. */
  | { readonly kind: 'oversized'; readonly bytes: number };

/** Which requests it happens to. */
export interface FaultRule {
  /** Any method when left out. */
  readonly method?: string;
  /** Compared with the path, without the query. */
  readonly path: RegExp;
  /**
   * Compared with the query, such as `?page=2&limit=50`.
   * @default any
   */
  readonly query?: RegExp;
  /**
   * How often, counted over the requests that match.
   * @default 1
   */
  readonly times?: number;
  /**
   * How many matching requests are left alone first.
   * @default 0
   */
  readonly skip?: number;
  /** Called each time it happens, before it does. */
  readonly onHit?: () => void;
}

/** A fault that was added. */
export interface AddedFault {
  /** Resolves when it happened for the first time. */
  readonly happened: Promise<void>;
  /** How often it happened. */
  count(): number;
  remove(): void;
}

interface Waiting {
  readonly rule: FaultRule;
  readonly fault: FaultKind;
  readonly happen: () => void;
  toSkip: number;
  left: number;
  count: number;
}

/** Decides which request goes wrong, and how. The first rule that matches and is not used up decides. */
export class Faults {
  private waiting: Waiting[] = [];

  /** @throws {FakeGiteaError} if `times` or `skip` is negative */
  add(rule: FaultRule & FaultKind): AddedFault {
    const { times = 1, skip = 0 } = rule;
    if (times < 0 || skip < 0) throw new FakeGiteaError('times and skip of a fault count from 0');
    let happen: () => void = () => undefined;
    const happened = new Promise<void>((resolve) => (happen = resolve));
    const added: Waiting = { rule, fault: rule, happen, toSkip: skip, left: times, count: 0 };
    this.waiting.push(added);
    return {
      happened,
      count: () => added.count,
      remove: () => void (this.waiting = this.waiting.filter((other) => other !== added)),
    };
  }

  /** Forgets every rule. */
  clear(): void {
    this.waiting = [];
  }

  /** The fault of this request, which is thereby counted; null when all goes well. */
  take(method: string, path: string, query = ''): FaultKind | null {
    for (const one of this.waiting) {
      const { rule } = one;
      const isHere = rule.path.test(path) && (rule.query?.test(query) ?? true);
      const isMeant = isHere && (rule.method ?? method).toUpperCase() === method;
      if (!isMeant || one.left <= 0) continue;
      if (one.toSkip > 0) {
        one.toSkip -= 1;
        continue;
      }
      one.left -= 1;
      one.count += 1;
      one.happen();
      one.rule.onHit?.();
      return one.fault;
    }
    return null;
  }
}
