import {
  optionalText,
  paged,
  repositoryOf,
  requireUser,
  requiredText,
  type ApiAnswer,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { resolveCommit } from './bare-repository.js';
import { innerFailure, notFound } from './fake-gitea.errors.js';
import type { FakeRepository, FakeStatus } from './fake-gitea.types.js';
import { goTime } from './go-json.js';
import { representStatus } from './represent-issue.js';
import { representRepository, representUser } from './represent-repository.js';

const REPOSITORY = '/repos/:owner/:repo';

/** Commit statuses, as routers/api/v1/repo/status.go answers for them. */
export const STATUS_ROUTES: readonly ApiRoute[] = [
  {
    method: 'POST',
    path: `${REPOSITORY}/statuses/:ref`,
    scope: 'repository',
    // Asked for as `state`. Each call adds a row. A commit that is not there is a 500.
    async answer(call) {
      const user = requireUser(call);
      const repository = repositoryOf(call, 'write');
      const state = requiredText(call, 'state');
      const commit = await commitOf(call, repository);
      if (commit === null) throw innerFailure();
      const status: FakeStatus = {
        // Counted per commit, not over the server (services/convert/status.go: `ID: status.Index`).
        id: statusesOf(repository, commit).length + 1,
        commit,
        state,
        context: optionalText(call, 'context') ?? 'default',
        description: optionalText(call, 'description') ?? '',
        targetUrl: optionalText(call, 'target_url') ?? '',
        creator: user,
        createdAt: call.world.now(),
      };
      repository.statuses.push(status);
      announceStatus(call, repository, status);
      return { status: 201, body: representStatus(call.world, status) };
    },
  },
  { method: 'GET', path: `${REPOSITORY}/statuses/:ref`, scope: 'repository', answer: listStatuses },
  { method: 'GET', path: `${REPOSITORY}/commits/:ref/statuses`, scope: 'repository', answer: listStatuses },
  {
    method: 'GET',
    path: `${REPOSITORY}/commits/:ref/status`,
    scope: 'repository',
    // A commit without statuses is answered with `null` (services/convert/status.go `ToCombinedStatus`).
    async answer(call) {
      const { repository, statuses, commit } = await statusesOfCall(call);
      const latest = [...new Map(statuses.map((status) => [status.context, status])).values()];
      if (latest.length === 0) return { status: 200, body: null };
      return {
        status: 200,
        body: {
          state: worstState(latest),
          sha: commit,
          total_count: latest.length,
          statuses: latest.map((status) => representStatus(call.world, status)),
          repository: representRepository(call.world, repository, call.user),
          commit_url: '',
          url: '',
        },
      };
    },
  },
];

async function listStatuses(call: ApiCall): Promise<ApiAnswer> {
  const { statuses } = await statusesOfCall(call);
  return paged(call, [...statuses].reverse(), (status) => representStatus(call.world, status));
}

async function statusesOfCall(
  call: ApiCall,
): Promise<{ repository: FakeRepository; commit: string; statuses: readonly FakeStatus[] }> {
  const repository = repositoryOf(call);
  const commit = await commitOf(call, repository);
  if (commit === null) throw notFound();
  return { repository, commit, statuses: statusesOf(repository, commit) };
}

/** The commit of the path. Git is asked only about commits that are neither a branch's nor have a status. */
async function commitOf(call: ApiCall, repository: FakeRepository): Promise<string | null> {
  const ref = call.param('ref');
  const isKnown = [...repository.branches.values()].includes(ref) || statusesOf(repository, ref).length > 0;
  return isKnown ? ref : resolveCommit(call.world.place(repository), ref);
}

function statusesOf(repository: FakeRepository, commit: string): FakeStatus[] {
  return repository.statuses.filter((status) => status.commit === commit);
}

function worstState(statuses: readonly FakeStatus[]): string {
  const order = ['error', 'failure', 'warning', 'pending', 'success'];
  return order.find((state) => statuses.some((status) => status.state === state)) ?? 'pending';
}

function announceStatus(call: ApiCall, repository: FakeRepository, status: FakeStatus): void {
  const sender = representUser(call.world, status.creator);
  call.world.announce(repository, 'status', {
    commit: null,
    context: status.context,
    created_at: goTime(status.createdAt),
    description: status.description,
    id: status.id,
    repository: representRepository(call.world, repository, status.creator),
    sender,
    sha: status.commit,
    state: status.state,
    target_url: status.targetUrl,
    updated_at: null,
  });
}
