import { InProcessEventBus, SystemClock, type Clock, type EventBus } from '../kernel/index.js';
import { InvalidBudgetsOptionsError } from './budgets.errors.js';
import type { Budget, BudgetedProfile, TokenPrices } from './budgets.types.js';
import { InMemorySpendLedger } from './in-memory-spend-ledger.js';
import type { SpendLedger } from './spend-ledger.port.js';

/** What `BudgetsModule.forRoot` accepts. Every field may be left out. */
export interface BudgetsModuleOptions {
  /**
   * What one run may spend.
   * @default { tokens: null, usd: null }
   */
  readonly perRun?: Partial<Budget>;
  /**
   * What one issue may spend, all its runs together.
   * @default { tokens: null, usd: 20 }
   */
  readonly perIssue?: Partial<Budget>;
  /**
   * What may be spent on one day by UTC, all together.
   * @default { tokens: null, usd: 100 }
   */
  readonly perDay?: Partial<Budget>;
  /**
   * The profiles there are, with their prices and their own budgets.
   * @default []
   */
  readonly profiles?: readonly BudgetedProfile[];
  /**
   * Where what was spent is kept.
   * @default a ledger in memory
   */
  readonly ledger?: SpendLedger;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /**
   * Is told of everything that is spent.
   * @default a bus that nobody else listens to
   */
  readonly bus?: EventBus;
}

/** The options once checked, with every default filled in. */
export interface BudgetsOptions {
  readonly perRun: Budget;
  readonly perIssue: Budget;
  readonly perDay: Budget;
  readonly profiles: readonly BudgetedProfile[];
  readonly ledger: SpendLedger;
  readonly clock: Clock;
  readonly bus: EventBus;
}

export const BUDGETS_OPTIONS = Symbol('BUDGETS_OPTIONS');

/** @throws {InvalidBudgetsOptionsError} if a budget or a price is no number from 0, or two profiles have one name */
export function resolveBudgetsOptions(given: BudgetsModuleOptions): BudgetsOptions {
  const options: BudgetsOptions = {
    perRun: { tokens: null, usd: null, ...given.perRun },
    perIssue: { tokens: null, usd: 20, ...given.perIssue },
    perDay: { tokens: null, usd: 100, ...given.perDay },
    profiles: given.profiles ?? [],
    ledger: given.ledger ?? new InMemorySpendLedger(),
    clock: given.clock ?? new SystemClock(),
    bus: given.bus ?? new InProcessEventBus(),
  };
  const faults = [
    ...budgetFaults('perRun', options.perRun),
    ...budgetFaults('perIssue', options.perIssue),
    ...budgetFaults('perDay', options.perDay),
    ...options.profiles.flatMap(({ name, prices, budget }) => [
      ...(prices === null ? [] : priceFaults(name, prices)),
      ...budgetFaults(`profile ${name}`, { tokens: budget?.tokensPerDay ?? null, usd: budget?.usdPerDay ?? null }),
    ]),
    ...repeated(options.profiles.map(({ name }) => name)).map((name) => `two profiles are called ${name}`),
  ];
  if (faults.length > 0) throw new InvalidBudgetsOptionsError(`Budgets cannot be kept: ${faults.join('; ')}`);
  return options;
}

function budgetFaults(place: string, { tokens, usd }: Budget): readonly string[] {
  return [
    ...(tokens === null || (Number.isSafeInteger(tokens) && tokens >= 0)
      ? []
      : [`tokens of ${place} must be a whole number from 0 or null, got ${tokens}`]),
    ...(usd === null || isAmount(usd) ? [] : [`usd of ${place} must be a number from 0 or null, got ${usd}`]),
  ];
}

function priceFaults(name: string, prices: TokenPrices): readonly string[] {
  return Object.entries(prices)
    .filter(([, price]) => price !== undefined && !isAmount(price as number))
    .map(([kind, price]) => `the price ${kind} of profile ${name} must be a number from 0, got ${price}`);
}

/** Up to a thousand million dollars: microdollars of it can be added up exactly. */
function isAmount(usd: number): boolean {
  return usd >= 0 && usd <= 1e9;
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
