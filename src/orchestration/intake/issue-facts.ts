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
import { editsBeforeStart, isSeenAtStart, sceneAtStart, sceneAtWork, type TextLook } from './scene-of-edits.js';
import { rememberedEdits, weighEdits, type Editors } from './weigh-edits.js';
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
  /** Whether somebody may have commented on it. */
  readonly hasComments: boolean;
  readonly hint: IssueHint | null;
}

/** Nobody can be asked, and nobody is named: as before anybody could be. */
const ANYBODY: Standing = { isEntitled: true, person: null, why: 'Nothing tells who it was, and everybody may.' };

const UNKNOWN_EDITOR: Standing = {
  isEntitled: false,
  person: null,
  why: 'Nothing tells who it was, and not everybody who can edit it is on the list of those who may.',
};

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
    const history = isWork && isRead ? await this.historyOf(issue, details) : (details?.history ?? null);
    const found = isWork && isRead ? (history?.start ?? null) : null;
    const isEnded = job === null || job.state === 'completed' || job.state === 'cancelled';
    const start = compareStart(found, details, isEnded);
    const halt = details?.halt?.cause ?? null;

    const mattersWhoStarted = isWork && (start === 'new' || halt === 'start' || (isEnded && start === 'unknown'));
    const starter = mattersWhoStarted ? await this.standing(sight, starterOf(found, sight)) : null;
    const isOtherText = details !== null && details.textHash !== hash;
    const goesOn = isWork && !isEnded && start !== 'new' && halt !== 'start';
    const look: TextLook = { present: hash, details, hint: sight.hint, botName: this.options.botName };
    const scene = goesOn ? sceneAtWork(look) : null;
    const begun = starter?.isEntitled === true ? sceneAtStart(look, halt !== 'start' || start === 'new') : null;
    const weighed = scene ?? begun;
    const editors = weighed === null ? null : weighEdits(weighed);
    const editor = editors === null ? null : await this.standingOfEditors(sight, editors);
    const mayEdit = editor?.isEntitled ?? true;
    const order = details === null ? null : orderOf(details.orders);
    const isSeen = isSeenAtStart(look) || (order === 'retry' && isSeenByOrderer(details, sight.hint, hash));
    const isBegunAnew = order === 'retry' || (starter?.isEntitled === true && editors === null);
    const isPresumed = isBegunAnew
      ? !isSeen
      : editors === null
        ? (details?.isPresumed ?? false)
        : !editors.isMakerKnown;
    const refused = starter?.isEntitled === false ? editsBeforeStart(look) : [];
    return {
      present: {
        issue,
        updatedAt,
        isCommented: sight.hasComments,
        textHash: hash,
        isPresumed: isRead && isPresumed,
        edits: !mayEdit && weighed !== null ? rememberedEdits(weighed) : refused,
        start: { ...noted(found, details), history },
      },
      fact: {
        isGone: false,
        isOpen: issue.state === 'open',
        isAssigned,
        start,
        mayStart: starter?.isEntitled ?? false,
        isEdited: isOtherText || (details?.isUnfinished ?? false) || (scene !== null && !mayEdit),
        mayEdit,
        halt,
        order,
      },
      starter,
      editor,
    };
  }

  /**
   * Everybody who is named must be somebody who may. Where nobody is known to have made the text, whoever opened an issue
   * and those who may write to its repository can have edited it, and nobody else (Gitea routers/api/v1/repo/issue.go
   * `EditIssue`): that is enough where its author may, unless lists say that not everybody who may write may steer work.
   */
  private async standingOfEditors(sight: Sight, { named, isMakerKnown }: Editors): Promise<Standing> {
    const { issue, hint, isRead } = sight;
    const isToldByDelivery = !isMakerKnown && hint !== null && !isRead;
    let standing: Standing | null = null;
    for (const login of isToldByDelivery ? [...named, hint.sender] : named) {
      standing = await this.standing(sight, login);
      if (!standing.isEntitled) return standing;
    }
    if (standing !== null && (isMakerKnown || isToldByDelivery)) return standing;
    if (this.options.entitlement.hasLists) return UNKNOWN_EDITOR;
    const author = issue.author === null ? null : await this.options.entitlement.standingOf(issue.ref, issue.author);
    return author?.isEntitled === true ? author : this.standing(sight, '');
  }

  /** The acts that were not read yet are read, and those that were are remembered. */
  private async historyOf({ ref }: TrackedIssue, details: JobDetails | null): Promise<JobDetails['history']> {
    const before = details?.history ?? { readTo: { id: 0, at: null }, start: null };
    const reading = await this.options.starts.startsAfter(ref, before.readTo);
    if (reading === null) return details?.history ?? null;
    return { readTo: reading.readTo, start: reading.start ?? before.start };
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

function noted(found: Start | null, details: JobDetails | null): Omit<PresentIssue['start'], 'history'> {
  const { startedBy = null, startEvent = null, startAt = null } = details ?? {};
  const known = { startedBy, startEvent, startAt };
  // Of an act that was noted by an earlier version the moment was not.
  if (found !== null && found.eventId === known.startEvent) return { ...known, startAt: found.at };
  const isNewer = found !== null && (known.startEvent === null || found.eventId > known.startEvent);
  return isNewer ? { startedBy: found.person, startEvent: found.eventId, startAt: found.at } : known;
}

/** Whether a delivery shows that whoever ordered a fresh start saw this text. */
function isSeenByOrderer(details: JobDetails | null, hint: IssueHint | null, hash: string): boolean {
  const by = details?.orders.retry?.by;
  return hint?.comments.some((said) => said.textHash === hash && by !== undefined && isSameLogin(said.by, by)) ?? false;
}

function orderOf({ retry, pause, cancelledBy }: Orders): IssueFact['order'] {
  if (retry !== null) return 'retry';
  if (pause !== null) return 'pause';
  return cancelledBy === null ? null : 'cancel';
}
