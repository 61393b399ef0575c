import { createHash } from 'node:crypto';
import { issueKey, type IssueRef } from '../kernel/index.js';

/**
 * The name of a job's directory: readable letters, and a hash of 64 bits that keeps apart what the letters do not
 * (`a-b/c` and `a/b-c`).
 */
export function jobDirectoryName(issue: IssueRef): string {
  return jobDirectoryNameOf(issueKey(issue));
}

/** @param key the issue as `issueKey` writes it */
export function jobDirectoryNameOf(key: string): string {
  const readable = key.replace(/[^a-z0-9]+/g, '-').slice(0, 60);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return `${readable}-${hash}`;
}
