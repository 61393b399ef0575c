import type { FileOfCommit, GateResult } from './quality-gates.types.js';

/** What package managers and the libraries under them say of a host that they cannot reach. */
const OUT_OF_REACH: readonly RegExp[] = [
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/,
  /Temporary failure in name resolution|Name or service not known|Network is unreachable|Could not resolve host/i,
  // npm, pip, Poetry and uv.
  /npm (?:error|ERR!) network|Could not fetch URL|Failed to establish a new connection|All attempts to connect to/,
  /ProxyError|Cannot connect to proxy|error sending request for url|dns error:/,
  // Go, Cargo, Maven, Gradle, Composer and .NET.
  /\bdial tcp\b|proxyconnect tcp|spurious network error|failed to download from|curl: \(\d+\)|curl error \d+/,
  /Could not transfer artifact|No plugin found for prefix .{1,200} available from the repositories/,
  /UnknownHostException|Unknown host |Could not (?:GET|HEAD) 'http|error NU1301/,
];
/** What they say where the way out refuses the host. */
const REFUSED: readonly RegExp[] = [
  /Tunnel connection failed: 403|CONNECT tunnel failed, response 403|proxy.{0,80}\b403\b/i,
  /\b403 Forbidden\b.{0,20}(?:GET|HEAD) https?:|E403|: Forbidden$|Received HTTP code 403 from proxy/m,
];

/** Files that say which packages a repository has, and where they come from. */
const DEPENDENCY_FILE =
  /(?:^|\/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in)|requirements\/[^/]+|pyproject\.toml|setup\.(?:py|cfg)|(?:uv|poetry|pdm)\.lock|Pipfile(?:\.lock)?|go\.(?:mod|sum|work|work\.sum)|Cargo\.(?:toml|lock)|pom\.xml|[\w.-]+\.gradle(?:\.kts)?|gradle\.lockfile|[\w.-]+\.versions\.toml|composer\.(?:json|lock)|[\w.-]+\.(?:cs|fs|vb)proj|packages\.lock\.json|Directory\.[\w.]+\.props)$/;

/** What else is known of a setup that failed. */
export interface SetupCircumstances {
  /** Null where nobody tells. */
  readonly changedFiles: readonly FileOfCommit[] | null;
  /** Whether the base commit's setup failed, too. */
  readonly failsOnBase: boolean;
  /** Whether gates were given a way out. */
  readonly hasNetwork: boolean;
}

/**
 * Whose fault a setup is that failed because it could not reach a registry: not the agent's, where it has the base
 * commit's dependencies or the base commit fails too. Without a way out, or with one that refuses the host, a person must
 * name it; a host that only does not answer may do so later.
 */
export function withReachOfSetup(
  result: GateResult,
  { changedFiles, failsOnBase, hasNetwork }: SetupCircumstances,
): GateResult {
  if (result.passed || result.fault === 'coordinator') return result;
  const isRefused = REFUSED.some((sign) => sign.test(result.evidence));
  if (!isRefused && !OUT_OF_REACH.some((sign) => sign.test(result.evidence))) return result;
  const isOurs = changedFiles === null || changedFiles.some(({ path }) => DEPENDENCY_FILE.test(path));
  if (isOurs && !failsOnBase) return result;
  const isForPerson = !hasNetwork || isRefused;
  const what = isForPerson
    ? 'it could not reach a host that it needs, and has no way to it: name that host in EGRESS_ALLOWED_HOSTS (EGRESS_PRIVATE_HOSTS for one in a private network)'
    : 'it could not reach a host that it needs, though it has a way out';
  return { ...result, fault: isForPerson ? 'definition' : 'coordinator', summary: `${result.summary}: ${what}` };
}
