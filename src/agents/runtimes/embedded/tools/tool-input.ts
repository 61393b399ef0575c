import { ToolRefusedError } from '../../runtime.errors.js';
import type { ToolInput } from './tool.types.js';

/** @throws {ToolRefusedError} if there is no such text */
export function textOf(input: ToolInput, key: string): string {
  const value = input[key];
  if (typeof value !== 'string') throw new ToolRefusedError(`Expected ${key} to be a text`);
  return value;
}

/** @throws {ToolRefusedError} if it is given and no text */
export function optionalTextOf(input: ToolInput, key: string): string | undefined {
  return input[key] === undefined ? undefined : textOf(input, key);
}

/** @throws {ToolRefusedError} if it is given and no whole number from 1 */
export function optionalCountOf(input: ToolInput, key: string): number | undefined {
  const value = input[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw new ToolRefusedError(`Expected ${key} to be a whole number from 1`);
  }
  return value;
}
