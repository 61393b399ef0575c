import type { Placed } from './configuration-document.js';
import { readDuration } from './duration.js';
import type { ConfigurationMistake } from './quality-gates.errors.js';

/** Reads checked values out of a document. Goes on after a mistake, so that a person sees all of them at once. */
export class PlacedReading {
  constructor(readonly mistakes: ConfigurationMistake[]) {}

  protected text(placed: Placed | undefined, name: string, limit: number): string | null {
    if (placed === undefined) return null;
    const { value } = placed;
    if (typeof value === 'string' && value.trim() !== '' && value.length <= limit) return value;
    this.mistake(placed, `${name} must be a text of 1 to ${limit} characters`);
    return null;
  }

  protected number(placed: Placed | undefined, name: string, from: number, to: number): number | null {
    if (placed === undefined) return null;
    const { value } = placed;
    if (typeof value === 'number' && value >= from && value <= to) return value;
    this.mistake(placed, `${name} must be a number from ${from} to ${to}`);
    return null;
  }

  protected wholeNumber(placed: Placed | undefined, name: string, to: number, from = 1): number | null {
    const value = this.number(placed, name, from, to);
    if (placed === undefined || value === null || Number.isInteger(value)) return value;
    this.mistake(placed, `${name} must be a whole number`);
    return null;
  }

  protected duration(placed: Placed, name: string, limitMs: number): number | null {
    const ms = readDuration(placed.value);
    if (ms !== null && ms >= 1000 && ms <= limitMs) return ms;
    this.mistake(placed, `${name} must be a time such as 90s, 10m or 1h, from 1s to ${limitMs / 3_600_000}h`);
    return null;
  }

  /** @param allows another key, by its value; it says itself what is wrong with one that it allows */
  protected mapping(
    placed: Placed,
    name: string,
    known: readonly string[],
    allows: (key: string, value: Placed) => boolean = () => false,
  ): ReadonlyMap<string, Placed> {
    if (!(placed.value instanceof Map)) {
      this.mistake(placed, `${name} must be a mapping with some of the keys ${known.join(', ')}`);
      return new Map();
    }
    const keys = placed.value as ReadonlyMap<string, Placed>;
    for (const [key, value] of keys) {
      const place = name === 'The file' ? 'here' : `in ${name}`;
      if (!known.includes(key) && !allows(key, value)) {
        this.mistake(value, `${JSON.stringify(key)} is not known ${place}; known are ${known.join(', ')}`);
      }
    }
    return keys;
  }

  protected mistake({ line }: Placed, text: string): void {
    this.mistakes.push({ line, text });
  }
}
