import { createHash } from 'node:crypto';
import { issueKey } from '../kernel/index.js';
import type { IssueText } from './parser.types.js';

/** Grows with every change of the format, the rules for the model or IssueMetadata: what was remembered is not used then. */
const FORMAT_VERSION = 1;

/**
 * One key for one text, one issue, one model and one list of agents. The issue is part of it because references are read
 * relative to it.
 */
export function metadataCacheKey(
  { ref, title, body }: IssueText,
  model: string,
  agentNames: readonly string[],
): string {
  const basis = JSON.stringify([FORMAT_VERSION, model, agentNames, issueKey(ref), title, body]);
  return createHash('sha256').update(basis).digest('hex');
}
