import { describe, expect, it } from '@jest/globals';
import { failedResult } from './gate-result.js';
import type { FileOfCommit, GateResult } from './quality-gates.types.js';
import { withReachOfSetup, type SetupCircumstances } from './setup-reach.js';

const failed = (evidence: string, rest: Partial<GateResult> = {}): GateResult => ({
  ...failedResult({ name: 'setup', argv: ['x'], origin: '', isRequired: true }, 'change', 'Exit code 1', evidence),
  ...rest,
});
const touching = (...paths: readonly string[]): readonly FileOfCommit[] =>
  paths.map((path) => ({ path, change: 'changed' }));
const judge = (
  evidence: string,
  rest: Partial<SetupCircumstances> = {},
  result: Partial<GateResult> = {},
): GateResult =>
  withReachOfSetup(failed(evidence, result), {
    changedFiles: touching('src/a.js'),
    failsOnBase: false,
    hasNetwork: false,
    ...rest,
  });

const NPM = `npm error code EAI_AGAIN
npm error syscall getaddrinfo
npm error request to https://registry.npmjs.org/is-odd/-/is-odd-3.0.1.tgz failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org`;

describe('withReachOfSetup', () => {
  it.each([
    ['npm', NPM],
    [
      'Go',
      'go: github.com/pkg/errors@v0.9.1: Get "https://proxy.golang.org/github.com/pkg/errors/@v/v0.9.1.mod": dial tcp: lookup proxy.golang.org on [::1]:53: read: connection refused',
    ],
    [
      'Cargo',
      'warning: spurious network error (1 try remaining): [6] Could not resolve hostname (Could not resolve host: index.crates.io)',
    ],
    [
      'pip',
      "WARNING: Retrying after connection broken by 'NewConnectionError('<pip…>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/six/",
    ],
    [
      'Maven',
      "[ERROR] No plugin found for prefix 'dependency' in the current project and in the plugin groups [org.apache.maven.plugins, org.codehaus.mojo] available from the repositories [local (~/home/.m2/repository), central (https://repo.maven.apache.org/maven2)] -> [Help 1]",
    ],
  ])('holds no agent at fault that %s has no network', (_name, evidence) => {
    expect(judge(evidence)).toMatchObject({
      passed: false,
      fault: 'definition',
      summary: expect.stringMatching(/^Exit code 1: it could not reach a host that it needs.*EGRESS_ALLOWED_HOSTS/),
    });
  });

  it.each([
    [
      'npm',
      'npm error code E403\nnpm error 403 403 Forbidden - GET https://registry.npmjs.org/is-odd/-/is-odd-3.0.1.tgz',
    ],
    ['Go', 'go: a@v1: Get "https://proxy.golang.org/a/@v/v1.mod": Forbidden\n'],
    ['Cargo', 'failed: [56] Failure when receiving data from the peer (CONNECT tunnel failed, response 403)'],
    ['pip', "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 Forbidden'))"],
  ])('wants a person where the way out of %s refuses the host', (_name, evidence) => {
    expect(judge(evidence, { hasNetwork: true }).fault).toBe('definition');
  });

  it('has it tried again where a host that may be reached does not answer', () => {
    expect(judge(NPM, { hasNetwork: true })).toMatchObject({
      fault: 'coordinator',
      summary: 'Exit code 1: it could not reach a host that it needs, though it has a way out',
    });
  });

  it.each([
    'package.json',
    'web/package-lock.json',
    'requirements-dev.txt',
    'requirements/test.in',
    'go.sum',
    'crates/a/Cargo.toml',
    'app/build.gradle.kts',
    'src/App/App.csproj',
  ])('leaves it to an agent that changed %s, unless the base commit fails, too', (path) => {
    expect(judge(NPM, { changedFiles: touching('a.js', path) })).toEqual(failed(NPM));
    expect(judge(NPM, { changedFiles: touching(path), failsOnBase: true }).fault).toBe('definition');
  });

  it('leaves it to the agent where nobody tells what was changed', () => {
    expect(judge(NPM, { changedFiles: null }).fault).toBe('change');
  });

  it('says nothing of other failures, of what passed, and of what the coordinator failed at', () => {
    expect(judge('npm error `npm ci` can only install packages when your package.json is in sync').fault).toBe(
      'change',
    );
    expect(judge(NPM, {}, { passed: true, fault: null }).fault).toBeNull();
    expect(judge(NPM, {}, { fault: 'coordinator' })).toMatchObject({ fault: 'coordinator', summary: 'Exit code 1' });
  });
});
