import { GiteaAuthError, type Repository, isMissing } from '../gitea/index.js';
import { explainRefusal } from './explain-refusal.js';
import { good, step, type Finding } from './finding.js';
import { repositoryName, type SetupGitea } from './setup.types.js';

/** A label that the coordinator sets on issues. */
export interface WantedLabel {
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
  readonly description: string;
}

/** No organisation owns it (404), or the token may not read its labels (403): the service then takes the repository's. */
function noneToSee(error: unknown): readonly [] {
  const isNone = isMissing(error);
  const isRefused = error instanceof GiteaAuthError && error.status === 403;
  if (isNone || isRefused) return [];
  throw error;
}

/** Each label is there once, in the repository or in its organization. Those that exist are left as they are, whatever their colour. */
export async function ensureLabels(
  { client, convergence, variable }: SetupGitea,
  ref: Repository,
  labels: readonly WantedLabel[],
  isDryRun: boolean,
): Promise<Finding> {
  const name = repositoryName(ref);
  const lacking = async (): Promise<readonly WantedLabel[]> => {
    const ofOwner = await client.organizationLabels(ref).catch(noneToSee);
    const known = new Set([...(await client.labels(ref)), ...ofOwner].map((label) => label.name));
    return labels.filter((label) => !known.has(label.name));
  };
  try {
    const missing = await lacking();
    if (missing.length === 0) return good(`${name} has the ${labels.length} labels of the coordinator`);
    const names = missing.map((label) => label.name).join(', ');
    if (!isDryRun) {
      await convergence.reach(`labels of ${name}`, async () => {
        for (const label of await lacking()) await client.createExclusiveLabel(ref, label);
      });
    }
    return step(isDryRun, `Labels were made in ${name}: ${names}`, `Labels would be made in ${name}: ${names}`);
  } catch (error) {
    return explainRefusal(`The labels of ${name} cannot be made`, error, variable);
  }
}
