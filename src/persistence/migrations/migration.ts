import type { ColumnTypes } from '../column-types.js';

/** One step from a schema to the next. Once released it never changes: the next step repairs it. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  /** SQL statements, run in this order within one transaction. */
  readonly statements: (types: ColumnTypes) => readonly string[];
}
