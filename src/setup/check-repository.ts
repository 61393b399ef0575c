import type { GiteaRepositoryStanding, Repository } from '../gitea/index.js';
import { explainRefusal } from './explain-refusal.js';
import { bad, good, unknown, type Finding } from './finding.js';
import { repositoryName, type SetupGitea } from './setup.types.js';

/** Whether the bot can work in a repository: it is there, has what is needed, and may be written to. */
export async function checkRepository(gitea: SetupGitea, ref: Repository): Promise<readonly Finding[]> {
  const name = repositoryName(ref);
  let standing: GiteaRepositoryStanding;
  try {
    standing = await gitea.access.standing(ref);
  } catch (error) {
    return [explainRefusal(`The bot does not see ${name}`, error)];
  }
  const [code, issues] = await Promise.all([
    tried(`The bot may push to ${name}`, `The bot may not push to ${name}`, () => gitea.access.tryWritingCode(ref)),
    tried(`The bot may write to issues of ${name}`, `The bot may not write to issues of ${name}`, () =>
      gitea.access.tryWritingIssues(ref),
    ),
  ]);
  return [...shortcomings(name, standing), code, issues];
}

function shortcomings(name: string, standing: GiteaRepositoryStanding): Finding[] {
  const { isArchived, isEmpty, hasIssues, hasPullRequests, hasDependencies, defaultBranch } = standing;
  const units = 'in the settings of the repository';
  const found: Finding[] = [];
  if (isArchived) found.push(bad(`${name} is archived`, 'Unarchive it: nothing can be written to it'));
  if (isEmpty) found.push(bad(`${name} is empty`, 'Push a first commit: an agent begins at the default branch'));
  if (!hasIssues) found.push(bad(`${name} has no issues`, `Switch issues on ${units}`));
  if (!hasPullRequests) found.push(bad(`${name} takes no pull requests`, `Switch them on ${units}`));
  if (hasIssues && !hasDependencies) {
    found.push(
      unknown(
        `Issues of ${name} cannot be linked as dependencies`,
        `Only those in their text count. It is switched on ${units}`,
      ),
    );
  }
  return found.length > 0 ? found : [good(`${name} is there, with the default branch ${defaultBranch ?? 'unknown'}`)];
}

async function tried(can: string, cannot: string, attempt: () => Promise<void>): Promise<Finding> {
  try {
    await attempt();
    return good(can);
  } catch (error) {
    return explainRefusal(cannot, error);
  }
}
