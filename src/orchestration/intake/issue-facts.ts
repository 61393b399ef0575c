import { Inject, Injectable } from '@nestjs/common';

import type { Standing, Start } from '../../entitlement/index.js';
import type { Job } from '../../queue/index.js';
import type { IssueFact } from './decide-intake.js';
import type { IssueHint } from './issue-hint.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import { readDetails, type JobDetails } from '../job-details.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import type { Orders } from '../commands/orders.js';
import { textHash, type PresentIssue } from './present-issue.js';
import { isSameLogin } from '../../kernel/index.js';

/** An issue that is there, and what is true of it. */
export interface FactsOfIssue {
  readonly present: PresentIssue;
  readonly fact: Omit<IssueFact, 'isAnswered'>;
  /** Who gave it to the bot, and who edited it, and whether they may; null where that does not matter. */
  readonly starter: Standing | null;
  readonly editor: Standing | null;
}

/** Where to look: the issue as it was read, and what the deliveries said. */
export interface Sight {
  readonly issue: TrackedIssue;
  readonly updatedAt: string;
  /** Whether the tracker said so; else the newest delivery did. */
  readonly isRead: boolean;
  readonly hint: IssueHint | null;
}

/** Nobody can be asked, and nobody is named: as before anybody could be. */
const ANYBODY: Standing = { isEntitled: true, person: null, why: 'Nothing tells who it was, and everybody may.' };

/**
 * Finds out what is true of an issue, who gave it to the bot, and whether they may start work.
 *
 * Who may is asked only where something follows from it.
 */
@Injectable()
export class IssueFacts {
  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  /** @throws {EntitlementUnknownError} if it cannot be told now who may */
  async of(sight: Sight, job: Job | null): Promise<FactsOfIssue> {
    const { issue, updatedAt, isRead } = sight;
    const details = job === null ? null : readDetails(job.details);
    const hash = textHash(issue);
    const isAssigned = isAssignedTo(issue, this.options.botName);
    const isWork = isWanted(issue, this.options.botName);
    const found = isWork && isRead ? await this.options.starts.startOf(issue.ref) : null;
    const isEnded = job === null || job.state === 'completed' || job.state === 'cancelled';
    const start = compareStart(found, details, isEnded);
    const halt = details?.halt?.cause ?? null;

    const mattersWhoStarted = isWork && (start === 'new' || halt === 'start' || (isEnded && start === 'unknown'));
    const starter = mattersWhoStarted ? await this.standing(sight, starterOf(found, sight)) : null;
    const isOtherText = details !== null && details.textHash !== hash;
    const mattersWhoEdited = isWork && isOtherText && !isEnded && start !== 'new' && halt !== 'start';
    const isRewritten =
      starter?.isEntitled === true &&
      (isOtherThan(sight.hint?.start ?? null, hash) || isEditedAtWork(sight.hint, this.options.botName));
    const editor = mattersWhoEdited || isRewritten ? await this.standingOfEditor(sight, hash) : null;
    return {
      present: { issue, updatedAt, textHash: hash, start: noted(found, details) },
      fact: {
        isGone: false,
        isOpen: issue.state === 'open',
        isAssigned,
        start,
        mayStart: starter?.isEntitled ?? false,
        isEdited: isOtherText || (details?.isUnfinished ?? false),
        mayEdit: editor?.isEntitled ?? true,
        halt,
        order: details === null ? null : orderOf(details.orders),
      },
      starter,
      editor,
    };
  }

  /**
   * Whoever opened an issue and those who may write to its repository can edit it, and nobody else (Gitea
   * routers/api/v1/repo/issue.go `EditIssue`). Whom a delivery names comes first, as one who may write can be on a list
   * that says otherwise; where none names anybody, an edit counts as that of somebody who may where its author may.
   */
  private async standingOfEditor(sight: Sight, hash: string): Promise<Standing> {
    const { issue, hint, isRead } = sight;
    // A delivery that shows another text than the one that is there says nothing of whoever wrote that.
    const isOfThisText = hint !== null && textHash(hint.snapshot) === hash;
    const editors = isOfThisText ? hint.editors : [];
    const isToldByDelivery = editors.length === 0 && hint !== null && !isRead;
    const named = isToldByDelivery ? [hint.sender] : editors;
    let standing: Standing | null = null;
    for (const login of named) {
      standing = await this.standing(sight, login);
      if (!standing.isEntitled) return standing;
    }
    if (standing !== null) return standing;
    const author = issue.author === null ? null : await this.options.entitlement.standingOf(issue.ref, issue.author);
    return author?.isEntitled === true ? author : this.standing(sight, '');
  }

  private async standing({ issue, isRead }: Sight, login: string): Promise<Standing> {
    const { starts, entitlement } = this.options;
    // A delivery that names nobody is nobody's word.
    if (login === '' && isRead && !starts.canTell) return ANYBODY;
    return entitlement.standingOf(issue.ref, login);
  }
}

/** Whether the issue is work for the bot: open, and assigned to it. */
export function isWanted(issue: Pick<TrackedIssue, 'state' | 'assignees'>, botName: string): boolean {
  return issue.state === 'open' && isAssignedTo(issue, botName);
}

function isAssignedTo({ assignees }: Pick<TrackedIssue, 'assignees'>, login: string): boolean {
  return assignees.some((assignee) => isSameLogin(assignee, login));
}

function compareStart(found: Start | null, details: JobDetails | null, isEnded: boolean): IssueFact['start'] {
  if (found === null) return 'unknown';
  if (details === null) return 'new';
  const { startEvent, halt } = details;
  // A job that goes on, begun when nothing told who had started it, is not stopped by that being told.
  if (startEvent === null) return isEnded || halt?.cause === 'start' ? 'new' : 'known';
  return found.eventId > startEvent ? 'new' : 'known';
}

/** Where the tracker cannot tell, whoever a delivery says assigned the bot or opened the issue. */
function starterOf(found: Start | null, { hint, isRead }: Sight): string {
  if (found !== null) return found.person.login;
  return hint?.start?.by ?? (isRead ? '' : (hint?.sender ?? ''));
}

function noted(found: Start | null, details: JobDetails | null): PresentIssue['start'] {
  const known = { startedBy: details?.startedBy ?? null, startEvent: details?.startEvent ?? null };
  const isNewer = found !== null && (known.startEvent === null || found.eventId > known.startEvent);
  return isNewer ? { startedBy: found.person, startEvent: found.eventId } : known;
}

/** Whether the text is another than the one that whoever started work has seen, as far as a delivery tells. */
function isOtherThan(start: IssueHint['start'], hash: string): boolean {
  return start !== null && start.textHash !== hash;
}

/** Whether it was edited while the bot was assigned, and no delivery shows the text that it was assigned with. */
function isEditedAtWork(hint: IssueHint | null, botName: string): boolean {
  return hint !== null && hint.start === null && hint.assigneesAtEdit.some((login) => isSameLogin(login, botName));
}

function orderOf({ retry, pause, cancelledBy }: Orders): IssueFact['order'] {
  if (retry !== null) return 'retry';
  if (pause !== null) return 'pause';
  return cancelledBy === null ? null : 'cancel';
}
