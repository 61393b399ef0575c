import type { Dice } from './dice.js';

/** The store, or Gitea, could not be asked, or its answer was lost: nobody knows which. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** How calls of a replica fare. Shared by all of one simulation. */
export interface Weather {
  /** How likely a call is to take its time, so that others come in between. */
  slowness: number;
  /** How likely a call is to fail, before it took effect or after. */
  faultiness: number;
}

/** A call under way: its request has not arrived, or its answer has not. */
export interface HeldCall {
  readonly name: string;
  readonly gate: CallGate;
  /** Lets the request arrive, or the answer. */
  readonly goOn: () => void;
  /** What `goOn` will do. */
  readonly stage: 'request' | 'answer';
}

/** Everybody's calls under way, oldest first. */
export class Network {
  readonly held: HeldCall[] = [];

  constructor(
    readonly dice: Dice,
    readonly weather: Weather,
    readonly note: (line: string) => void,
  ) {}

  hold(call: HeldCall): void {
    this.held.push(call);
  }

  take(call: HeldCall): void {
    this.held.splice(this.held.indexOf(call), 1);
    call.goOn();
  }

  /** The calls that can go on: not the answers to one who cannot hear them. */
  movable(): readonly HeldCall[] {
    return this.held.filter(({ stage, gate }) => !gate.isPartitioned && (stage === 'request' || !gate.isDeaf));
  }
}

/**
 * All that a replica does goes through here, call by call: to the stores, to Gitea, to its agents' machine. Calls take
 * their time, fail before they took effect or after, and stop where the replica does.
 */
export class CallGate {
  /** A replica that is stopped hears no answer; what it asked happens all the same. */
  isDeaf = false;
  /** A replica that was killed asks nothing more, and what it asked may still happen. */
  isCut = false;
  /** While the network is cut nothing arrives, and nobody is told. */
  isPartitioned = false;

  constructor(
    readonly name: string,
    private readonly network: Network,
  ) {}

  /** The port as the replica sees it. Methods named in `direct` are no calls to the outside. */
  wrap<T extends object>(port: string, inner: T, direct: readonly string[] = []): T {
    const methods = new Map<string, unknown>();
    return new Proxy(inner, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function' || typeof key !== 'string') return value;
        const known = methods.get(key);
        if (known !== undefined) return known;
        const work = value.bind(target) as (...given: unknown[]) => Promise<unknown>;
        const method = direct.includes(key)
          ? work
          : (...given: unknown[]) => this.call(`${port}.${key}`, () => work(...given));
        methods.set(key, method);
        return method;
      },
    });
  }

  /** Makes a call. @param work what it does where it arrives */
  call<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.isCut) return NEVER;
    const { dice, weather } = this.network;
    const isFaulty = weather.faultiness > 0 && dice.isLucky(weather.faultiness);
    const isSlow = this.isPartitioned || this.isDeaf || (weather.slowness > 0 && dice.isLucky(weather.slowness));
    if (!isFaulty && !isSlow) return work();
    const fault = isFaulty ? (dice.isLucky(0.5) ? 'before' : 'after') : null;
    return new Promise((resolve, reject) => {
      const arrive = (): void => {
        if (fault === 'before') {
          this.network.note(`${this.name}: ${name} does not arrive`);
          return this.answer(name, () => reject(new NoAnswerError(`${name} did not arrive`)));
        }
        if (fault === 'after') {
          this.network.note(`${this.name}: ${name} is done, and its answer lost`);
          const lost = (): void => reject(new NoAnswerError(`${name} was not answered`));
          return void work().then(
            () => this.answer(name, lost),
            () => this.answer(name, lost),
          );
        }
        void work().then(
          (result) => this.answer(name, () => resolve(result)),
          (error: unknown) => this.answer(name, () => reject(error as Error)),
        );
      };
      if (isSlow) this.network.hold({ name, gate: this, stage: 'request', goOn: arrive });
      else arrive();
    });
  }

  private answer(name: string, give: () => void): void {
    if (this.isCut) return;
    const { dice, weather } = this.network;
    if (this.isDeaf || this.isPartitioned || dice.isLucky(weather.slowness)) {
      this.network.hold({ name, gate: this, stage: 'answer', goOn: give });
    } else give();
  }
}

const NEVER: Promise<never> = new Promise(() => undefined);
