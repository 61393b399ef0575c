import { createHash } from 'node:crypto';

/** What processes of a coordinator carry in their environment: the same for one data folder, across restarts. */
export function ownerIdOf(dataFolder: string): string {
  return createHash('sha256').update(dataFolder).digest('hex').slice(0, 32);
}
