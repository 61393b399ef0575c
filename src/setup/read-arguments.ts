import { parseArgs } from 'node:util';
import type { HookPlace, Repository } from '../gitea/index.js';
import { CodedError, isRepositoryName, messageOf, parseIssueRef, type IssueRef } from '../kernel/index.js';

/** What the command line asks for. */
export type Request =
  | { readonly command: 'help' }
  | { readonly command: 'init'; readonly init: InitArguments }
  | { readonly command: 'doctor'; readonly doctor: DoctorArguments }
  | { readonly command: 'why'; readonly issue: IssueRef; readonly service: string | null };

export interface InitArguments {
  readonly place: HookPlace;
  /** Where Gitea reaches the webhook of the coordinator. */
  readonly url: string;
  readonly isRotating: boolean;
  readonly isDryRun: boolean;
}

export interface DoctorArguments {
  /** Looked at too; null for none. */
  readonly repository: Repository | null;
  /** Where the webhook goes; null for whichever goes to a coordinator. */
  readonly url: string | null;
  /** Where the service is reached from here; null for where it listens. */
  readonly service: string | null;
}

/** A command line that means nothing. */
export class UsageError extends CodedError<'SETUP_USAGE'> {
  override readonly code = 'SETUP_USAGE';
}

/** How the program is called. */
export const USAGE = `mosaic-coordinator                    starts the service
mosaic-coordinator init               sets Gitea up: webhook, labels, a proposed .mosaic/coordinator.yml
    --repo <owner/name> | --org <name> | --system    where the webhook is made
    --url <address>       where Gitea reaches the webhook: http://<coordinator>:8000/webhook/gitea
    --rotate-secret       replaces the webhook's secret by the first of GITEA_WEBHOOK_SECRET
    --dry-run             changes nothing, and says what it would
mosaic-coordinator doctor             looks at everything, and says what to do; exit code 1 if something is wrong
    --repo <owner/name>   looks at a repository too, and has Gitea send a test
    --url <address>       where its webhook goes, where several coordinators have one
    --service <address>   where the service is reached from here, where not at HOST and PORT
mosaic-coordinator why <owner/name#12>    why the job of an issue is where it is
    --service <address>
All read the variables of the service. Webhooks need an administrator of the repository: where the bot is none, init and
doctor use GITEA_SETUP_TOKEN.
`;

/** @throws {UsageError} naming what is wrong */
export function readArguments(argv: readonly string[]): Request {
  const [command = 'help', ...rest] = argv;
  switch (command) {
    case 'init':
      return { command, init: readInit(rest) };
    case 'doctor':
      return { command, doctor: readDoctor(rest) };
    case 'why':
      return readWhy(rest);
    case 'help':
    case '--help':
    case '-h':
      return { command: 'help' };
    default:
      throw new UsageError(`There is no command ${JSON.stringify(command)}`);
  }
}

function readInit(args: readonly string[]): InitArguments {
  const { values } = parse(args, {
    repo: { type: 'string' },
    org: { type: 'string' },
    system: { type: 'boolean' },
    url: { type: 'string' },
    'rotate-secret': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  });
  const { repo, org, system, url } = values;
  const places = [repo, org, system].filter((place) => place !== undefined);
  if (places.length !== 1) throw new UsageError('init needs one of --repo <owner/name>, --org <name> and --system');
  if (typeof url !== 'string') throw new UsageError('init needs --url, where Gitea reaches the webhook');
  return {
    place: readPlace(repo, org),
    url: readAddress('--url', url),
    isRotating: values['rotate-secret'] === true,
    isDryRun: values['dry-run'] === true,
  };
}

function readPlace(repo: unknown, org: unknown): HookPlace {
  if (typeof repo === 'string') return { kind: 'repository', repository: readRepositoryName(repo) };
  if (typeof org !== 'string') return { kind: 'system' };
  if (!isRepositoryName(org)) throw new UsageError(`--org is no name: ${JSON.stringify(org)}`);
  return { kind: 'organization', name: org };
}

function readDoctor(args: readonly string[]): DoctorArguments {
  const { values } = parse(args, { repo: { type: 'string' }, url: { type: 'string' }, service: { type: 'string' } });
  const { repo, url, service } = values;
  return {
    repository: typeof repo === 'string' ? readRepositoryName(repo) : null,
    url: typeof url === 'string' ? readAddress('--url', url) : null,
    service: readService(service),
  };
}

function readWhy(args: readonly string[]): Request {
  const { values, positionals } = parse(args, { service: { type: 'string' } }, true);
  const [issue, ...more] = positionals;
  if (issue === undefined || more.length > 0) throw new UsageError('why needs one issue, as in owner/name#12');
  try {
    return { command: 'why', issue: parseIssueRef(issue), service: readService(values['service']) };
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

function readService(given: unknown): string | null {
  return typeof given === 'string' ? readAddress('--service', given).replace(/\/+$/, '') : null;
}

function readRepositoryName(text: string): Repository {
  const [owner = '', repo = '', ...more] = text.split('/');
  if (isRepositoryName(owner) && isRepositoryName(repo) && more.length === 0) return { owner, repo };
  throw new UsageError(`--repo is no owner/name: ${JSON.stringify(text)}`);
}

function readAddress(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isUsable = url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  if (!isUsable) throw new UsageError(`${option} is no address that begins with http:// or https://`);
  return text;
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function parse(args: readonly string[], options: Options, allowPositionals = false) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true });
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
