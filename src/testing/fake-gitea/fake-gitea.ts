import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IssueActs } from './issue-acts.js';
import { noticeBranches } from './act-on-pulls.js';
import { addRepository } from './act-on-repositories.js';
import { commitFiles, readFileAt, resolveCommit } from './bare-repository.js';
import { FakeGiteaWorld } from './fake-gitea-world.js';
import type {
  AccessLevel,
  Actor,
  FakeDelivery,
  FakeGiteaOptions,
  FakeHook,
  FakeRequest,
  FakeStatus,
  FileContent,
  RepositoryOptions,
  RepositoryRef,
} from './fake-gitea.types.js';
import { Faults } from './faults.js';
import { goMarshalIndent } from './go-json.js';
import { wantsEvent } from './hook-events.js';
import { serveRequest } from './serve-requests.js';
import { WebhookSender } from './webhook-sender.js';

/** A repository that was created: pass it wherever a repository is named. */
export interface CreatedRepository extends RepositoryRef {
  /** Clone it with this. With a token: `http://<login>:<token>@…`. */
  readonly cloneUrl: string;
  /** The bare repository on disk. */
  readonly directory: string;
  readonly defaultBranch: string;
  /** The default branch's commit; null in an empty repository. */
  readonly commit: string | null;
}

/** What a hook begins with. */
export interface HookOptions {
  readonly url: string;
  /** @default '' (Gitea then sends empty digests) */
  readonly secret?: string;
  /** @default ['issues', 'pull_request'], which switch on everything about both */
  readonly events?: readonly string[];
  /** @default 'json' */
  readonly contentType?: 'json' | 'form';
  /** @default '' */
  readonly authorization?: string;
}

/**
 * A Gitea that is not one: a real HTTP server with the part of the REST interface, git over HTTP and the webhooks
 * that the coordinator uses, with Gitea's own faults. What it reproduces, and from where, stands in
 * docs/fake-gitea.md.
 *
 * Its state is in memory, its repositories are real ones in a temporary folder. What people do on Gitea's pages are
 * methods of it; each sends the webhooks Gitea sends.
 */
export class FakeGitea extends IssueActs {
  /** Every request that was answered or went wrong, oldest first. */
  readonly requests: FakeRequest[] = [];
  /** What goes wrong on purpose. */
  readonly faults = new Faults();

  private constructor(
    world: FakeGiteaWorld,
    /** Where it listens, without a slash at the end: GITEA_URL. */
    readonly url: string,
    private readonly server: Server,
    private readonly folder: string,
    private readonly sender: WebhookSender,
  ) {
    super(world);
  }

  /** Starts it on a free port of 127.0.0.1. End it with `close`. */
  static async start(options: FakeGiteaOptions = {}): Promise<FakeGitea> {
    const folder = await mkdtemp(join(tmpdir(), 'fake-gitea-'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const version = options.version ?? '1.26.4';
    const sender = new WebhookSender({
      timeoutMs: options.deliverTimeoutMs ?? 5000,
      isForgejo: version.includes('+gitea-'),
      allowedHosts: options.allowedHosts ?? 'all',
    });
    const world: FakeGiteaWorld = new FakeGiteaWorld(
      {
        folder,
        rootUrl: (options.rootUrl ?? url).replace(/\/$/, ''),
        version,
        defaultPageSize: options.defaultPageSize ?? 30,
        largestPageSize: options.largestPageSize ?? 50,
        searchPath: options.searchPath ?? '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
        now: options.now ?? Date.now,
      },
      (repository, eventType, payload) => {
        for (const hook of world.hooks) {
          const isOfAll = hook.repository === null && hook.owner === null;
          const isMeant = isOfAll || hook.repository === repository || hook.owner === repository.owner;
          if (isMeant && hook.isActive && wantsEvent(hook.events, eventType)) world.deliver(hook, eventType, payload);
        }
      },
      (hook, eventType, payload) => void sender.send(hook, eventType, goMarshalIndent(payload)),
    );
    const gitea = new FakeGitea(world, url, server, folder, sender);
    for (const login of options.users ?? []) world.addUser(login);
    server.on('request', (request, response) => {
      const { faults, requests } = gitea;
      serveRequest({ world, faults, requests, onExchange: options.onExchange }, request, response).catch(() =>
        response.destroy(),
      );
    });
    return gitea;
  }

  /** Ends connections, deliveries and every git program, and deletes the repositories. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await Promise.all([closed, this.sender.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Resolves when every webhook was sent or has failed. */
  idle(): Promise<void> {
    return this.sender.idle();
  }

  createUser(login: string, options: { readonly isAdmin?: boolean } = {}): void {
    this.world.addUser(login, options.isAdmin);
  }

  /** A new token of the account, which is made when there is none. Scopes as Gitea names them: `write:issue`. */
  createToken(login: string, options: { readonly scopes?: readonly string[] } = {}): string {
    const token = randomBytes(20).toString('hex');
    this.world.tokens.set(token, { user: this.world.addUser(login), scopes: options.scopes ?? ['all'] });
    return token;
  }

  /** The token is no longer known: 401 from here on. */
  revokeToken(token: string): void {
    this.world.tokens.delete(token);
  }

  /** @throws {FakeGiteaError} if the name is taken or is none */
  async createRepository(options: RepositoryOptions): Promise<CreatedRepository> {
    const { directory, defaultBranch, branches } = await addRepository(this.world, options);
    const { owner, name: repo } = options;
    const commit = branches.get(defaultBranch) ?? null;
    return { owner, repo, cloneUrl: `${this.url}/${owner}/${repo}.git`, directory, defaultBranch, commit };
  }

  /**
   * Makes a team, and of the account that it belongs to an organisation. Units are named as in `repo.code`; the team
   * may do so much with each repository of the organisation.
   */
  createTeam(
    organization: string,
    team: {
      readonly name: string;
      readonly units: Readonly<Record<string, AccessLevel>>;
      readonly members: readonly string[];
    },
  ): void {
    const members = new Set(team.members.map((login) => this.world.user(login)));
    this.world.teams.push({
      ...team,
      id: this.world.newId(),
      organization: this.world.addUser(organization),
      members,
    });
  }

  /** Changes what an account may do in a repository. */
  setAccess(ref: RepositoryRef, login: string, level: AccessLevel): void {
    this.world.repository(ref).collaborators.set(this.world.user(login).login.toLowerCase(), level);
  }

  /** Read-only from here on: 423 for what Gitea guards so, and no pushes. */
  archive(ref: RepositoryRef): void {
    this.world.repository(ref).isArchived = true;
  }

  /**
   * Commits to a branch, as a person who pushes does, and returns the commit. A branch that is missing begins at the
   * default branch.
   */
  async commit(
    ref: RepositoryRef,
    change: {
      readonly branch?: string;
      readonly files: Readonly<Record<string, FileContent>>;
      readonly message?: string;
    },
    { by }: Actor,
  ): Promise<string> {
    const repository = this.world.repository(ref);
    const user = this.world.user(by);
    const { branch = repository.defaultBranch, files, message = 'Change\n' } = change;
    const signature = { name: user.login, at: this.world.now() };
    const from = repository.defaultBranch;
    const commit = await commitFiles(this.world.place(repository), branch, { files, message, by: signature, from });
    await noticeBranches(this.world, repository, user);
    return commit;
  }

  /** A file's text on a branch or at a commit, or null. */
  readFile(ref: RepositoryRef, revision: string, path: string): Promise<string | null> {
    return readFileAt(this.world.place(this.world.repository(ref)), revision, path);
  }

  /** The commit a branch or another name stands for now, or null. */
  resolve(ref: RepositoryRef, revision: string): Promise<string | null> {
    return resolveCommit(this.world.place(this.world.repository(ref)), revision);
  }

  /** Every status that was set on a commit, oldest first. */
  statuses(ref: RepositoryRef, commit: string): readonly FakeStatus[] {
    return this.world.repository(ref).statuses.filter((status) => status.commit === commit);
  }

  /** Adds a hook to a repository, or with null a system hook, and returns its id. */
  createHook(ref: RepositoryRef | null, options: HookOptions): number {
    const hook: FakeHook = {
      id: this.world.newId(),
      repository: ref && this.world.repository(ref),
      owner: null,
      url: options.url,
      secret: options.secret ?? '',
      contentType: options.contentType ?? 'json',
      authorization: options.authorization ?? '',
      events: options.events ?? ['issues', 'pull_request'],
      isActive: true,
    };
    this.world.hooks.push(hook);
    return hook.id;
  }

  /** Every delivery that was made, oldest first. */
  get deliveries(): readonly Readonly<FakeDelivery>[] {
    return this.sender.deliveries;
  }

  /** Sends the same bytes again under a new id, as the button in Gitea's pages does. */
  replay(deliveryId: string): FakeDelivery {
    return this.sender.replay(deliveryId);
  }

  /** Keeps back the deliveries made from here on. */
  holdDeliveries(): void {
    this.sender.hold();
  }

  /** Sends what was held back: all of it, or what `choose` makes of it, in its order. */
  releaseDeliveries(choose?: (held: readonly FakeDelivery[]) => readonly FakeDelivery[]): void {
    this.sender.release(choose);
  }
}
