import type { Clock } from '../kernel/index.js';
import { explainRefusal } from './explain-refusal.js';
import { bad, good, unknown, type Finding } from './finding.js';
import { readGiteaVersion } from './gitea-version.js';
import type { SetupGitea } from './setup.types.js';

/** Before this one there are no scoped tokens and no links between issues in the API (#17935). */
const OLDEST = { major: 1, minor: 20 };
const MOST_SKEW_MS = 60_000;

/** Whether something answers at GITEA_URL that is Gitea or Forgejo, and new enough. */
export async function checkVersion({ client }: SetupGitea, url: string): Promise<Finding> {
  let text: string;
  try {
    text = await client.version();
  } catch (error) {
    return explainRefusal(`No Gitea answers at ${url}`, error);
  }
  const version = readGiteaVersion(text);
  if (version === null) return unknown(`${url} answers as version ${text}, which is no version of Gitea or Forgejo`);
  const { product, gitea } = version;
  const isTooOld = gitea.major === OLDEST.major && gitea.minor < OLDEST.minor;
  return isTooOld
    ? bad(`${url} is ${product} ${text}`, `Gitea 1.20 or Forgejo 7 is the oldest that is supported: update it`)
    : good(`${url} is ${product} ${text}`);
}

/** Whether the token is of the bot's account, and may say so. */
export async function checkAccount({ client }: SetupGitea, botName: string): Promise<Finding> {
  if (!client.hasToken) {
    return bad(
      'GITEA_TOKEN is not set, so that nothing can be written to Gitea',
      'Make a token of the bot account with the scopes write:issue, write:repository and read:user',
    );
  }
  try {
    const { id, login } = await client.whoAmI();
    return login.toLowerCase() === botName.toLowerCase()
      ? good(`The token is of ${login}, the bot account (id ${id})`)
      : bad(
          `The token is of ${login}, and GITEA_BOT_NAME names ${botName}`,
          `Set GITEA_BOT_NAME=${login}, or make a token of ${botName}`,
        );
  } catch (error) {
    return explainRefusal('Gitea does not say whose token it is', error);
  }
}

/** Whether this machine and Gitea agree about the time. */
export async function checkClock({ access }: SetupGitea, clock: Clock): Promise<Finding> {
  let theirs: number | null;
  try {
    theirs = await access.serverTime();
  } catch (error) {
    return unknown(`Gitea's clock cannot be read: ${explainRefusal('', error).what.replace(/^: /, '')}`);
  }
  if (theirs === null) return unknown('Gitea does not say what its clock shows');
  const skewMs = clock.now() - theirs;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return good(`The clocks of this machine and of Gitea agree to ${seconds} s`);
  return bad(
    `The clock of this machine is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} Gitea's`,
    'Set both by NTP, or times in comments, logs and budgets will not be what they say',
  );
}
