import { isSameLogin } from '../../kernel/index.js';
import type { JobDetails } from '../job-details.js';
import type { IssueHint } from './issue-hint.js';
import { isSameEdit, rememberedEdits, type EditScene } from './weigh-edits.js';

/** What an issue and its job say of the text that is there. */
export interface TextLook {
  /** Hash of the text. */
  readonly present: string;
  /** Null where there is no job. */
  readonly details: Pick<JobDetails, 'textHash' | 'isPresumed' | 'edits' | 'halt'> | null;
  readonly hint: Pick<IssueHint, 'edits' | 'start'> | null;
  readonly botName: string;
}

/**
 * What is to be weighed before work that goes on does so with this text; null for nothing, as it is the one it has. That
 * one is doubted where nobody knew who had made it, and a delivery tells now.
 */
export function sceneAtWork(look: TextLook): EditScene | null {
  const { present, details, hint } = look;
  const told = hint?.edits ?? [];
  if (details?.textHash !== present) {
    return { present, pinned: details?.textHash ?? '', known: details?.edits ?? [], told };
  }
  const makers = details.isPresumed ? editsAtWork(look).filter(({ textHash }) => textHash === present) : [];
  return makers.length === 0 ? null : { present, pinned: '', known: [], told: makers };
}

/**
 * What is to be weighed before work that somebody begins does so with this text; null for nothing, as they saw it.
 *
 * @param isNew whether they began it just now; else it is only now that they may
 */
export function sceneAtStart(look: TextLook, isNew: boolean): EditScene | null {
  const { present, details, hint } = look;
  const seen = hint?.start?.textHash ?? null;
  if (seen === present) return null;
  const known = details?.edits ?? [];
  const all = rememberedEdits({ pinned: '', known, told: editsAtWork(look) });
  // What was remembered before is older than whoever begins it just now.
  const since = isNew ? all.filter((edit) => !known.some((before) => isSameEdit(before, edit))) : all;
  return seen === null && since.length === 0 ? null : { present, pinned: seen ?? '', known: [], told: since };
}

/** What is to be remembered where nobody who may begins the work: whoever may later has seen none of it. */
export function editsBeforeStart(look: TextLook): EditScene['known'] {
  return rememberedEdits({ pinned: '', known: look.details?.edits ?? [], told: editsAtWork(look) });
}

/** Whether somebody who may has seen this text, as far as anything tells: whoever gave the issue to the bot, or a look before. */
export function isSeenAtStart({ present, details, hint }: TextLook): boolean {
  const isKnown = details?.edits.some(({ textHash }) => textHash === present) ?? false;
  return isKnown || hint?.start?.textHash === present;
}

/** Edits from while the issue was assigned to the bot: whoever assigned it saw what others did before. */
function editsAtWork({ hint, botName }: TextLook): IssueHint['edits'] {
  return hint?.edits.filter(({ assignees }) => assignees.some((login) => isSameLogin(login, botName))) ?? [];
}
