import { readGiteaVersion, supportOf, isMissing } from '../gitea/index.js';
import { isSameLogin, type Clock } from '../kernel/index.js';
import { explainRefusal } from './explain-refusal.js';
import { bad, good, unknown, type Finding } from './finding.js';
import type { SetupGitea } from './setup.types.js';

const MOST_SKEW_MS = 60_000;

/** Whether something answers at GITEA_URL that is Gitea or Forgejo, and new enough. */
export async function checkVersion({ client }: SetupGitea, url: string): Promise<Finding> {
  let text: string;
  try {
    text = await client.version();
  } catch (error) {
    const finding = explainRefusal(`Nothing can be asked of ${url}`, error);
    const isElse = isMissing(error);
    return isElse ? { ...finding, remedy: 'No Gitea answers there: set GITEA_URL to where its pages begin' } : finding;
  }
  const version = readGiteaVersion(text);
  if (version === null) return unknown(`${url} answers as version ${text}, which is no version of Gitea or Forgejo`);
  const what = `${url} is ${version.product} ${text}`;
  const support = supportOf(version);
  // Before 1.20 there are no links between issues in the API (#17935), and tokens have other scopes (#24767).
  if (support === 'too-old') return bad(what, 'Gitea 1.20 and Forgejo 7 are the oldest that are supported: update it');
  return good(support === 'newer' ? `${what}, newer than what this coordinator was held against` : what);
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
    return isSameLogin(login, botName)
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
