import {
  optionalList,
  optionalText,
  paged,
  repositoryOf,
  requireUser,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import type { FakeHook } from './fake-gitea.types.js';
import { goTime } from './go-json.js';

const HOOKS = '/repos/:owner/:repo/hooks';

/** Webhooks of a repository, as routers/api/v1/utils/hook.go answers for them. They need its administrator. */
export const HOOK_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: HOOKS,
    scope: 'repository',
    answer: (call) => paged(call, hooksOf(call), (hook) => representHook(call, hook)),
  },
  {
    method: 'POST',
    path: HOOKS,
    scope: 'repository',
    // `active` is false and `events` is pushes only unless said. Two calls make two hooks: nothing is unique.
    answer(call) {
      requireUser(call);
      const repository = repositoryOf(call, 'admin');
      const config = configOf(call);
      const url = config['url'];
      if (typeof url !== 'string' || !/^https?:\/\//.test(url)) throw new ApiRefusal(422, 'Invalid url');
      const hook: FakeHook = {
        id: call.world.newId(),
        repository,
        url,
        secret: typeof config['secret'] === 'string' ? config['secret'] : '',
        contentType: config['content_type'] === 'form' ? 'form' : 'json',
        authorization: optionalText(call, 'authorization_header') ?? '',
        events: eventsOf(call),
        isActive: call.body['active'] === true,
      };
      call.world.hooks.push(hook);
      return { status: 201, body: representHook(call, hook) };
    },
  },
  {
    method: 'PATCH',
    path: `${HOOKS}/:id`,
    scope: 'repository',
    // Resets the events that are left out, and cannot change the secret (`editHook`).
    answer(call) {
      const hook = hookOf(call);
      hook.events = eventsOf(call);
      if (typeof call.body['active'] === 'boolean') hook.isActive = call.body['active'];
      return { status: 200, body: representHook(call, hook) };
    },
  },
  {
    method: 'DELETE',
    path: `${HOOKS}/:id`,
    scope: 'repository',
    answer(call) {
      call.world.hooks.splice(call.world.hooks.indexOf(hookOf(call)), 1);
      return { status: 204 };
    },
  },
];

function hooksOf(call: ApiCall): FakeHook[] {
  requireUser(call);
  const repository = repositoryOf(call, 'admin');
  return call.world.hooks.filter((hook) => hook.repository === repository);
}

function hookOf(call: ApiCall): FakeHook {
  const hook = hooksOf(call).find(({ id }) => id === Number(call.param('id')));
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
    // What was asked for as `issues_only` reads `issues` (services/webhook/general.go `ToHook`).
    events: hook.events.length > 0 ? hook.events.map((name) => name.replace(/_only$/, '')) : ['push'],
    authorization_header: '',
    active: hook.isActive,
    updated_at: createdAt,
    created_at: createdAt,
  };
}
