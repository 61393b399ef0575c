import { Inject, Injectable } from '@nestjs/common';
import { isRepositoryName } from '../kernel/index.js';
import { fieldsOf, integer, optionalFlag, optionalText } from './answer-fields.js';
import { GiteaHttp } from './gitea-http.js';
import { repositoryPath, type GiteaPath, type Repository } from './gitea-paths.js';
import { GiteaRequestError, InvalidGiteaNameError } from './gitea.errors.js';
import type { GiteaHook, GiteaHookDraft, HookPlace } from './gitea-setup.types.js';
import { readAllPages } from './read-all-pages.js';
import { readList } from './read-answer.js';

/**
 * Webhooks of a repository, of an organization, or of the whole site. They need an administrator of it.
 *
 * There is no method to edit one: Gitea resets whatever an edit leaves out, and never changes the secret
 * (routers/api/v1/utils/hook.go `editHook`). Make another, then delete the first.
 */
@Injectable()
export class GiteaHooksClient {
  constructor(@Inject(GiteaHttp) private readonly http: GiteaHttp) {}

  /** Every hook of the place. Of the site those that hear of every repository, not the templates for new ones. */
  async hooks(place: HookPlace): Promise<GiteaHook[]> {
    return readAllPages(this.http.list(hooksPath(place), readHook, { keyOf: ({ id }) => id }));
  }

  /** Makes another hook, also where there is one like it. */
  async createHook(place: HookPlace, { url, secret, events }: GiteaHookDraft): Promise<GiteaHook> {
    const isSystem = place.kind === 'system';
    const config = { url, content_type: 'json', secret, ...(isSystem && { is_system_webhook: 'true' }) };
    // It starts inactive and hears of pushes alone unless both are said.
    const body = { type: 'gitea', active: true, events, config, branch_filter: '*' };
    return readHook((await this.http.send({ method: 'POST', path: hooksPath(place), body })).body);
  }

  /** Deletes it. One that is gone already is no mistake. */
  async deleteHook(place: HookPlace, id: number): Promise<void> {
    try {
      await this.http.delete([...hooksPath(place), id]);
    } catch (error) {
      if (!(error instanceof GiteaRequestError) || error.status !== 404) throw error;
    }
  }

  /** Has Gitea send the hook a push of the default branch. 404 where the repository is empty. */
  async testHook(ref: Repository, id: number): Promise<void> {
    await this.http.send({ method: 'POST', path: [...repositoryPath(ref), 'hooks', id, 'tests'], body: {} });
  }
}

/** @throws {InvalidGiteaNameError} if the name could be something else in a URL */
function hooksPath(place: HookPlace): GiteaPath {
  switch (place.kind) {
    case 'repository':
      return [...repositoryPath(place.repository), 'hooks'];
    case 'organization':
      if (isRepositoryName(place.name)) return ['orgs', place.name, 'hooks'];
      throw new InvalidGiteaNameError(`${JSON.stringify(place.name.slice(0, 120))} is no organization`);
    case 'system':
      return ['admin', 'hooks'];
  }
}

function readHook(answer: unknown): GiteaHook {
  const fields = fieldsOf(answer, 'a webhook');
  const config = fieldsOf(fields['config'] ?? {}, "a webhook's config");
  return {
    id: integer(fields, 'id', 'a webhook'),
    url: optionalText(config, 'url'),
    contentType: optionalText(config, 'content_type'),
    events: readList(fields['events'], String),
    isActive: optionalFlag(fields, 'active'),
  };
}
