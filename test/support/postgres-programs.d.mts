import type { ChildProcess } from 'node:child_process';

/** For TypeScript; what each does stands in postgres-programs.mjs. */
export const OWNER: { readonly uid?: number; readonly gid?: number };

export function findPostgres(): string | null;

export function makeCluster(programs: string, folder: string, options?: readonly string[]): void;

export function startServer(
  programs: string,
  folder: string,
  port: number,
  settings: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly isUp: boolean; readonly said: string }>;

export function urlOf(port: number, database: string): string;

export function freePort(): Promise<number>;
