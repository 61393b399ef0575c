import {
  optionalList,
  optionalText,
  paged,
  repositoryOf,
  requireUser,
  type ApiAnswer,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import type { FakeHook, FakeRepository } from './fake-gitea.types.js';
import { goTime } from './go-json.js';
import { switchedOn, wantsEvent } from './hook-events.js';
import { representRepository, representUser } from './represent-repository.js';

const HOOKS = '/repos/:owner/:repo/hooks';

/** Where hooks are kept: found by the path of a call whose asker administers it. */
interface HookPlace {
  readonly path: string;
  readonly scope: 'repository' | 'organization' | 'admin';
  readonly of: (call: ApiCall) => Pick<FakeHook, 'repository' | 'owner'>;
}

const OF_REPOSITORY: HookPlace = {
  path: HOOKS,
  scope: 'repository',
  of(call) {
    requireUser(call);
    return { repository: repositoryOf(call, 'admin'), owner: null };
  },
};

const OF_ORGANIZATION: HookPlace = {
  path: '/orgs/:organization/hooks',
  scope: 'organization',
  of(call) {
    const user = requireUser(call);
    const owner = call.world.users.get(call.param('organization').toLowerCase());
    if (!owner) throw notFound();
    if (!user.isAdmin && user !== owner) throw new ApiRefusal(403, 'Must be an organization owner');
    return { repository: null, owner };
  },
};

const OF_SITE: HookPlace = {
  path: '/admin/hooks',
  scope: 'admin',
  of(call) {
    if (!requireUser(call).isAdmin) throw new ApiRefusal(403, 'user should be the site admin');
    return { repository: null, owner: null };
  },
};

/**
 * Webhooks of a repository, of an owner and of the site, as routers/api/v1/utils/hook.go answers for them. They need an
 * administrator of it. There are no organizations here: every account stands for one that it owns.
 */
export const HOOK_ROUTES: readonly ApiRoute[] = [
  ...[OF_REPOSITORY, OF_ORGANIZATION, OF_SITE].flatMap((place) => routesAt(place)),
  {
    method: 'PATCH',
    path: `${HOOKS}/:id`,
    scope: 'repository',
    // Resets the events that are left out, and cannot change the secret (`editHook`).
    answer(call) {
      const hook = hookOf(call, OF_REPOSITORY);
      hook.events = eventsOf(call);
      if (typeof call.body['active'] === 'boolean') hook.isActive = call.body['active'];
      return { status: 200, body: representHook(call, hook) };
    },
  },
  {
    method: 'POST',
    path: `${HOOKS}/:id/tests`,
    scope: 'repository',
    readsBody: false,
    // A push that changes nothing. An empty repository has no commit to tell of (`RepoRefForAPI`).
    answer(call) {
      const hook = hookOf(call, OF_REPOSITORY);
      const repository = repositoryOf(call, 'admin');
      const commit = repository.branches.get(repository.defaultBranch);
      if (commit === undefined) throw new ApiRefusal(404, 'repository is empty');
      sendTest(call, hook, repository, commit);
      return { status: 204 };
    },
  },
];

function routesAt(place: HookPlace): ApiRoute[] {
  const { path, scope } = place;
  return [
    {
      method: 'GET',
      path,
      scope,
      answer: (call) => paged(call, hooksOf(call, place), (hook) => representHook(call, hook)),
    },
    // `active` is false and `events` is pushes only unless said. Two calls make two hooks: nothing is unique.
    { method: 'POST', path, scope, answer: (call) => createHook(call, place) },
    {
      method: 'DELETE',
      path: `${path}/:id`,
      scope,
      answer(call) {
        call.world.hooks.splice(call.world.hooks.indexOf(hookOf(call, place)), 1);
        return { status: 204 };
      },
    },
  ];
}

function createHook(call: ApiCall, place: HookPlace): ApiAnswer {
  const kept = place.of(call);
  const config = configOf(call);
  const url = config['url'];
  if (typeof url !== 'string' || !/^https?:\/\//.test(url)) throw new ApiRefusal(422, 'Invalid url');
  const hook: FakeHook = {
    id: call.world.newId(),
    ...kept,
    url,
    secret: typeof config['secret'] === 'string' ? config['secret'] : '',
    contentType: config['content_type'] === 'form' ? 'form' : 'json',
    authorization: optionalText(call, 'authorization_header') ?? '',
    events: eventsOf(call),
    isActive: call.body['active'] === true,
  };
  call.world.hooks.push(hook);
  return { status: 201, body: representHook(call, hook) };
}

/**
 * Up to 1.26 a hook that does not hear of pushes is sent no test, and nobody is told (services/webhook/webhook.go
 * `PrepareWebhook`).
 */
function sendTest(call: ApiCall, hook: FakeHook, repository: FakeRepository, commit: string): void {
  const { world, user } = call;
  if (!wantsEvent(hook.events, 'push')) return;
  world.deliver(hook, 'push', {
    ref: `refs/heads/${repository.defaultBranch}`,
    before: commit,
    after: commit,
    compare_url: '',
    commits: [],
    total_commits: 0,
    head_commit: null,
    repository: representRepository(world, repository, user),
    pusher: user && representUser(world, user),
    sender: user && representUser(world, user),
  });
}

function hooksOf(call: ApiCall, place: HookPlace): FakeHook[] {
  const { repository, owner } = place.of(call);
  return call.world.hooks.filter((hook) => hook.repository === repository && hook.owner === owner);
}

function hookOf(call: ApiCall, place: HookPlace): FakeHook {
  const hook = hooksOf(call, place).find(({ id }) => id === Number(call.param('id')));
  if (!hook) throw notFound();
  return hook;
}

function configOf(call: ApiCall): Readonly<Record<string, unknown>> {
  const { config } = call.body;
  return typeof config === 'object' && config !== null ? (config as Record<string, unknown>) : {};
}

function eventsOf(call: ApiCall): readonly string[] {
  return (optionalList(call, 'events') ?? []).filter((name) => typeof name === 'string');
}

/** Secret and Authorization are never given back. */
function representHook(call: ApiCall, hook: FakeHook): Record<string, unknown> {
  const createdAt = goTime(call.world.now());
  return {
    id: hook.id,
    type: 'gitea',
    branch_filter: '*',
    config: { content_type: hook.contentType, url: hook.url },
    // Every type that is switched on, each by its own name (models/webhook/webhook.go `EventsArray`).
    events: switchedOn(hook.events),
    authorization_header: '',
    active: hook.isActive,
    updated_at: createdAt,
    created_at: createdAt,
  };
}
