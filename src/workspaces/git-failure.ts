import type { CommandResult } from '../command-runner/index.js';
import type { CodedError } from '../kernel/index.js';
import {
  BranchMovedError,
  ForgeAccessError,
  ForgeUnreachableError,
  GitFailedError,
  PushRefusedError,
  RepositoryMissingError,
  TreeRefusedError,
} from './workspaces.errors.js';

type FailureKind = new (message: string) => CodedError;

/**
 * Sentences of git by which its failures are told apart, first match wins. Git has one exit code for all of them, so
 * it is run in the C locale: transport.c, http.c, remote-curl.c, send-pack.c, fsck.c, and Gitea's modules/private/hook.go.
 */
const SENTENCES: readonly (readonly [RegExp, FailureKind, string])[] = [
  [/fsck error|error in (?:blob|tree|commit|tag) /, TreeRefusedError, 'An object would harm other programs'],
  [/cannot lock ref .*exists; cannot create/, PushRefusedError, 'A branch of the forge is in the way of the name'],
  [
    /\(stale info\)|\(fetch first\)|\(non-fast-forward\)|cannot lock ref|\(already exists\)|\(failed to update ref\)/,
    BranchMovedError,
    'The branch was changed by somebody else',
  ],
  [/\[remote rejected\]|pre-receive hook declined/, PushRefusedError, 'The forge refused the push'],
  [
    /Authentication failed|could not read (?:Username|Password)|returned error: 40[13]/,
    ForgeAccessError,
    'The forge refused access: give a valid token with the right to read and push',
  ],
  [/repository .* not found|returned error: 404/, RepositoryMissingError, 'The forge has no such repository'],
  [
    /unable to access|returned error: 5\d\d|RPC failed|hung up|early EOF|expected flush|invalid server response|not valid: is this a git repository/,
    ForgeUnreachableError,
    'The forge could not be reached',
  ],
];

const LONGEST_QUOTE = 600;

/**
 * The error that a failed call of git stands for.
 *
 * @param secrets texts that must not be quoted: a server can send back what it was sent
 */
export function gitFailure(subcommand: string, result: CommandResult, secrets: readonly string[]): CodedError {
  if (result.ending !== 'exited') {
    return new GitFailedError(`git ${subcommand} did not end well: ${result.reason ?? result.ending}`);
  }
  const said = `${result.stderr.text}\n${result.stdout.text}`;
  const quote = quotable(said, secrets);
  const found = SENTENCES.find(([pattern]) => pattern.test(said));
  if (!found) return new GitFailedError(`git ${subcommand} failed with exit code ${result.exitCode}: ${quote}`);
  const [, Kind, sentence] = found;
  return new Kind(`${sentence} (git ${subcommand}: ${quote})`);
}

function quotable(text: string, secrets: readonly string[]): string {
  const clean = secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  // Control characters of a server's message would reach a log or a terminal.
  const line = clean.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)} ...` : line;
}
