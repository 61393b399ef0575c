import type { GiteaPullRequest, Repository } from '../gitea/index.js';
import { messageOf } from '../kernel/index.js';
import { CONFIGURATION_PATH, detectGates, parseRepositoryConfiguration } from '../quality-gates/index.js';
import { explainRefusal } from './explain-refusal.js';
import { bad, good, step, unknown, type Finding } from './finding.js';
import { proposedConfiguration } from './proposed-configuration.js';
import { repositoryName, type SetupGitea } from './setup.types.js';

/** The branch of the proposal. Not one of those that jobs have: no issue belongs to it. */
export const PROPOSAL_BRANCH = 'mosaic/coordinator-yml';
const TITLE = `Say how Mosaic Coordinator works on this repository`;
const BODY = `Adds \`${CONFIGURATION_PATH}\`, in which every line is a comment: merging it changes nothing until you take the \`# \` away from what you want to say. Without the file, gates are found by themselves.

Close this if you do not want it: it is not proposed again.`;
/** Names a limit that nothing is run with. */
const ANY_TIMEOUT_MS = 60_000;

/** What there is to read of a repository's configuration: that it is valid, or all its mistakes. */
export async function checkConfiguration({ files }: SetupGitea, ref: Repository): Promise<Finding> {
  const name = repositoryName(ref);
  let text: string | null;
  try {
    text = await files.fileText(ref, CONFIGURATION_PATH);
  } catch (error) {
    return explainRefusal(`${CONFIGURATION_PATH} of ${name} cannot be read`, error);
  }
  if (text === null) return good(`${name} has no ${CONFIGURATION_PATH}: its gates are found by themselves`);
  try {
    parseRepositoryConfiguration(text, CONFIGURATION_PATH, ANY_TIMEOUT_MS);
    return good(`${CONFIGURATION_PATH} of ${name} is valid`);
  } catch (error) {
    return bad(messageOf(error), 'Mend it on the default branch: no gate can be run until then');
  }
}

/** A repository without a configuration has one proposed, once, as a pull request of nothing but comments. */
export async function ensureProposal(gitea: SetupGitea, ref: Repository, isDryRun: boolean): Promise<Finding> {
  const name = repositoryName(ref);
  try {
    const { defaultBranch, isEmpty } = await gitea.access.standing(ref);
    if (isEmpty || defaultBranch === null) return unknown(`${name} is empty: no ${CONFIGURATION_PATH} is proposed`);
    if ((await gitea.files.fileText(ref, CONFIGURATION_PATH, defaultBranch)) !== null) {
      return await checkConfiguration(gitea, ref);
    }
    return await propose(gitea, ref, defaultBranch, isDryRun);
  } catch (error) {
    return explainRefusal(`No ${CONFIGURATION_PATH} can be proposed to ${name}`, error, gitea.variable);
  }
}

async function propose(gitea: SetupGitea, ref: Repository, base: string, isDryRun: boolean): Promise<Finding> {
  const { files, client, convergence } = gitea;
  const name = repositoryName(ref);
  const found = await files.pullRequestBetween(ref, base, PROPOSAL_BRANCH);
  if (found?.state === 'open') return good(`${CONFIGURATION_PATH} is proposed to ${name} in #${found.number}`);
  if (found) return good(`${CONFIGURATION_PATH} was proposed to ${name} in #${found.number}, which is closed`);
  if (isDryRun) return step(true, '', `${CONFIGURATION_PATH} would be proposed to ${name} as a pull request`);

  const content = proposedConfiguration(await detectGates((path) => files.fileText(ref, path, base), ANY_TIMEOUT_MS));
  const made = await convergence.reach(`proposal to ${name}`, async (): Promise<GiteaPullRequest> => {
    if (!(await files.hasBranch(ref, PROPOSAL_BRANCH))) {
      const message = `docs: propose ${CONFIGURATION_PATH}`;
      await files.createFile(ref, {
        path: CONFIGURATION_PATH,
        content,
        message,
        baseBranch: base,
        newBranch: PROPOSAL_BRANCH,
      });
    }
    const there = await files.pullRequestBetween(ref, base, PROPOSAL_BRANCH);
    const draft = { headBranch: PROPOSAL_BRANCH, baseBranch: base, title: TITLE, body: BODY };
    return there ?? (await client.createPullRequest(ref, draft));
  });
  return step(false, `${CONFIGURATION_PATH} was proposed to ${name} in #${made.number}`, '');
}
