import type { IssueMetadata } from '../../parser/index.js';

/** What stands for the metadata of an issue whose text nobody may work on, and which is therefore not read. */
export const UNREAD_METADATA: IssueMetadata = {
  estimatedTokens: 50_000,
  difficulty: 'medium',
  recommendedAgent: null,
  blocks: [],
  blockedBy: [],
  acceptanceCriteria: [],
  confidence: 0,
  questions: [],
  sources: { estimatedTokens: 'default', difficulty: 'default', acceptanceCriteria: 'default' },
};
