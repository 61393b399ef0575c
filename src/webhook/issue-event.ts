import {
  IsArray,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsPositive,
  IsString,
  Max,
  ValidateBy,
  validateSync,
  type ValidationArguments,
} from 'class-validator';
import { isRepositoryName } from '../kernel/index.js';
import { isBranchName } from './branch-name.js';
import { isJsonObject, ownProperty } from './own-property.js';
import { MalformedDeliveryError, WHOLE_BODY } from './webhook.errors.js';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Where each field of IssueEvent stands in a delivery about an issue. */
const FIELDS: Readonly<Record<keyof IssueEvent, string>> = {
  action: 'action',
  owner: 'repository.full_name',
  repo: 'repository.full_name',
  defaultBranch: 'repository.default_branch',
  number: 'issue.number',
  statedNumber: 'number',
  title: 'issue.title',
  body: 'issue.body',
  state: 'issue.state',
  assignees: 'issue.assignees',
  labels: 'issue.labels',
  updatedAt: 'issue.updated_at',
  sender: 'sender.login',
};

/**
 * The part of an event about an issue or a pull request that is read. Gitea modules/structs/hook.go and issue.go, Gogs
 * internal/route/api/v1/types/issue.go.
 *
 * A delivery has more than a hundred fields. These are copied out first and then checked, which costs a fifth of
 * checking the whole.
 */
export class IssueEvent {
  @IsString({ message: 'must be a text' })
  readonly action: string;

  @Satisfies(isRepositoryName, 'must be owner/name')
  readonly owner: string;

  @Satisfies(isRepositoryName, 'must be owner/name')
  readonly repo: string;

  /** Empty where the delivery does not say. */
  @Satisfies((name) => name === '' || isBranchName(name), 'must be a branch name')
  readonly defaultBranch: string;

  @Max(Number.MAX_SAFE_INTEGER, { message: 'must be a whole number above 0' })
  @IsPositive({ message: 'must be a whole number above 0' })
  @IsInt({ message: 'must be a whole number above 0' })
  readonly number: number;

  /** Beside the issue. Gitea sends an empty issue when it cannot load it: services/convert/issue.go `ToAPIIssue`. */
  @ValidateBy({
    name: 'sameNumber',
    validator: {
      validate: (value: unknown, args?: ValidationArguments) => value === ownProperty(args?.object, 'number'),
      defaultMessage: () => 'must equal issue.number',
    },
  })
  readonly statedNumber: number;

  @IsString({ message: 'must be a text' })
  readonly title: string;

  @IsString({ message: 'must be a text or null' })
  readonly body: string;

  @IsIn(['open', 'closed'], { message: 'must be open or closed' })
  readonly state: 'open' | 'closed';

  @IsNotEmpty({ each: true, message: 'must be a list of users with a login, or null' })
  @IsString({ each: true, message: 'must be a list of users with a login, or null' })
  @IsArray({ message: 'must be a list of users with a login, or null' })
  readonly assignees: string[];

  @IsString({ each: true, message: 'must be a list of labels with a name, or null' })
  @IsArray({ message: 'must be a list of labels with a name, or null' })
  readonly labels: string[];

  /** Empty where the delivery does not say. */
  @Satisfies((time) => time === '' || RFC_3339.test(time), 'must be a time as in RFC 3339')
  readonly updatedAt: string;

  /** Empty where the delivery does not say. */
  @IsString({ message: 'must be a text' })
  readonly sender: string;
}

/**
 * Copies out of a delivery what is read of it, and checks it.
 *
 * @param subject where the issue stands, or the pull request, which has the same shape as far as it is read
 * @throws {MalformedDeliveryError} naming every field that is missing or is not what it must be
 */
export function readIssueEvent(body: unknown, subject: 'issue' | 'pull_request' = 'issue'): IssueEvent {
  if (!isJsonObject(body)) throw new MalformedDeliveryError([{ field: WHOLE_BODY, problem: 'must be an object' }]);
  const event = Object.assign(new IssueEvent(), pick(body, subject));
  const errors = validateSync(event, { stopAtFirstError: true });
  if (errors.length === 0) return event;
  const problems = new Map(
    errors.map(({ property, constraints = {} }) => [
      FIELDS[property as keyof IssueEvent],
      Object.values(constraints).join('; '),
    ]),
  );
  const here = (text: string): string => text.replace(/\bissue\./, `${subject}.`);
  throw new MalformedDeliveryError(
    [...problems].map(([field, problem]) => ({ field: here(field), problem: here(problem) })),
  );
}

/** Whether an issue's event is really a pull request's: comments on both are one event, told apart by this alone. */
export function isAboutPullRequest(body: unknown): boolean {
  return (
    ownProperty(body, 'is_pull') === true ||
    isJsonObject(ownProperty(body, 'pull_request')) ||
    isJsonObject(ownProperty(ownProperty(body, 'issue'), 'pull_request'))
  );
}

function pick(body: object, subject: 'issue' | 'pull_request'): Record<keyof IssueEvent, unknown> {
  const issue = ownProperty(body, subject);
  const repository = ownProperty(body, 'repository');
  const [owner, repo] = splitFullName(ownProperty(repository, 'full_name'));
  const number = ownProperty(issue, 'number');
  const sender = ownProperty(body, 'sender');
  return {
    action: ownProperty(body, 'action'),
    owner,
    repo,
    defaultBranch: ownProperty(repository, 'default_branch') ?? '',
    number,
    statedNumber: ownProperty(body, 'number') ?? number,
    title: ownProperty(issue, 'title'),
    body: ownProperty(issue, 'body') ?? '',
    state: ownProperty(issue, 'state'),
    assignees: pickAssignees(issue),
    labels: mapList(ownProperty(issue, 'labels') ?? [], (label) => ownProperty(label, 'name')),
    updatedAt: ownProperty(issue, 'updated_at') ?? '',
    sender: sender === undefined || sender === null ? '' : loginOf(sender),
  };
}

/** Gitea lists `assignees` and repeats the first as `assignee`; Gogs has `assignee` alone. */
function pickAssignees(issue: unknown): unknown {
  const assignee = ownProperty(issue, 'assignee');
  const assignees = ownProperty(issue, 'assignees') ?? (isJsonObject(assignee) ? [assignee] : []);
  return mapList(assignees, loginOf);
}

function loginOf(user: unknown): unknown {
  return ownProperty(user, 'login') ?? ownProperty(user, 'username');
}

/** What is no list is left as it is, to be refused. */
function mapList(list: unknown, pickOne: (entry: unknown) => unknown): unknown {
  return Array.isArray(list) ? list.map(pickOne) : list;
}

function splitFullName(name: unknown): readonly [unknown, unknown] {
  const [owner, repo, ...rest] = typeof name === 'string' ? name.split('/', 3) : [];
  return rest.length === 0 ? [owner, repo] : [undefined, undefined];
}

function Satisfies(test: (text: string) => boolean, problem: string): PropertyDecorator {
  return ValidateBy({
    name: 'satisfies',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && test(value),
      defaultMessage: () => problem,
    },
  });
}
