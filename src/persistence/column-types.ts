/** What another engine spells otherwise in a schema. */
export interface ColumnTypes {
  /** A number that grows with each row of its table and is its key. */
  readonly sequence: string;
  /** Text that is compared character by character, whatever the language of the database. */
  readonly text: string;
  /** A whole number. */
  readonly whole: string;
  /** A number that is meant to be whole and that others, such as an agent, have named. */
  readonly measured: string;
  /** A number of 64 bits with a fraction. */
  readonly real: string;
  /** Milliseconds since 1970. */
  readonly moment: string;
  /** JSON, refused when it is broken, and given back as the text it was. */
  readonly json: (column: string) => string;
  /** A query for one row with `found`: 1 where there is such a table, otherwise 0. */
  readonly lookFor: (table: string) => string;
  /**
   * What wakes other processes when a row is added to a table; nothing where there are none.
   *
   * @param when a condition on `new`, the row
   */
  readonly wakeOn: (table: string, when?: string) => readonly string[];
}
