import { repositoryPath } from './fake-gitea-paths.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { AccessLevel, FakeLabel, FakeRepository, FakeTeam, FakeUser } from './fake-gitea.types.js';
import { goTime } from './go-json.js';

/** Year one: how Go writes a time that was never set. */
export const NEVER = '0001-01-01T00:00:00Z';

/** A user as Gitea's API and webhooks have it (modules/structs/user.go). `login` and `username` say the same. */
export function representUser(world: FakeGiteaWorld, user: FakeUser): Record<string, unknown> {
  const { rootUrl } = world.settings;
  return {
    id: user.id,
    login: user.login,
    login_name: '',
    source_id: 0,
    full_name: '',
    email: `${user.login}@noreply.localhost`,
    avatar_url: `${rootUrl}/avatars/${user.id}`,
    html_url: `${rootUrl}/${user.login}`,
    language: '',
    is_admin: user.isAdmin,
    last_login: NEVER,
    created: NEVER,
    restricted: false,
    active: false,
    prohibit_login: false,
    location: '',
    website: '',
    description: '',
    visibility: 'public',
    followers_count: 0,
    following_count: 0,
    starred_repos_count: 0,
    username: user.login,
  };
}

/** A repository with what `viewer` may do in it (modules/structs/repo.go). */
export function representRepository(
  world: FakeGiteaWorld,
  repository: FakeRepository,
  viewer: FakeUser | null,
): Record<string, unknown> {
  const { rootUrl } = world.settings;
  const path = repositoryPath(repository);
  const open = [...repository.issues.values()].filter((issue) => issue.state === 'open');
  return {
    id: repository.id,
    owner: representUser(world, repository.owner),
    name: repository.name,
    full_name: path,
    description: '',
    empty: repository.branches.size === 0,
    private: repository.isPrivate,
    fork: false,
    template: false,
    mirror: false,
    size: 0,
    language: '',
    languages_url: `${rootUrl}/api/v1/repos/${path}/languages`,
    html_url: `${rootUrl}/${path}`,
    url: `${rootUrl}/api/v1/repos/${path}`,
    link: '',
    ssh_url: `git@localhost:${path}.git`,
    clone_url: `${rootUrl}/${path}.git`,
    original_url: '',
    website: '',
    stars_count: 0,
    forks_count: 0,
    watchers_count: 1,
    open_issues_count: open.filter((issue) => !issue.pull).length,
    open_pr_counter: open.filter((issue) => issue.pull).length,
    release_counter: 0,
    branch_count: repository.branches.size,
    default_branch: repository.defaultBranch,
    archived: repository.isArchived,
    created_at: goTime(repository.createdAt),
    updated_at: goTime(repository.createdAt),
    archived_at: '1970-01-01T00:00:00Z',
    permissions: {
      admin: world.may(viewer, 'admin', repository),
      push: world.may(viewer, 'write', repository),
      pull: world.may(viewer, 'read', repository),
    },
    has_code: true,
    has_issues: true,
    internal_tracker: {
      enable_time_tracker: true,
      allow_only_contributors_to_track_time: true,
      enable_issue_dependencies: repository.hasDependencies,
    },
    has_wiki: true,
    has_pull_requests: true,
    has_projects: true,
    projects_mode: 'all',
    has_releases: true,
    has_packages: true,
    has_actions: false,
    ignore_whitespace_conflicts: false,
    allow_merge_commits: true,
    allow_rebase: true,
    allow_rebase_explicit: true,
    allow_squash_merge: true,
    allow_fast_forward_only_merge: true,
    allow_rebase_update: true,
    allow_manual_merge: false,
    autodetect_manual_merge: false,
    default_delete_branch_after_merge: false,
    default_merge_style: 'merge',
    default_allow_maintainer_edit: false,
    avatar_url: '',
    internal: false,
    mirror_interval: '',
    object_format_name: 'sha1',
    mirror_updated: NEVER,
    topics: [],
    licenses: [],
  };
}

/** A label (modules/structs/issue_label.go). */
export function representLabel(
  world: FakeGiteaWorld,
  repository: FakeRepository,
  label: FakeLabel,
): Record<string, unknown> {
  return representLabelAt(world, `repos/${repositoryPath(repository)}`, label);
}

/** A label of an organisation, or of a repository (services/convert/issue.go `ToLabel`). */
export function representLabelAt(world: FakeGiteaWorld, home: string, label: FakeLabel): Record<string, unknown> {
  return {
    id: label.id,
    name: label.name,
    exclusive: label.exclusive,
    is_archived: false,
    color: label.color,
    description: label.description,
    url: `${world.settings.rootUrl}/api/v1/${home}/labels/${label.id}`,
  };
}

/** A team, as a repository's teams are told: without their organisation (services/convert/convert.go `ToTeams`). */
export function representTeam(team: FakeTeam, permission: AccessLevel): Record<string, unknown> {
  return {
    id: team.id,
    name: team.name,
    description: '',
    organization: null,
    includes_all_repositories: true,
    permission,
    units: Object.keys(team.units),
    units_map: team.units,
    can_create_org_repo: false,
  };
}
