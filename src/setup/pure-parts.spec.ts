import { describe, expect, it } from '@jest/globals';

import { GiteaAuthError, GiteaUnreachableError, type GiteaHook } from '../gitea/index.js';
import { explainRefusal } from './explain-refusal.js';
import { bad, findingLine, good, step, unknown } from './finding.js';
import { isSameAddress, planHook, shortcoming } from './plan-hook.js';
import { proposedConfiguration } from './proposed-configuration.js';
import { readArguments, USAGE, UsageError } from './read-arguments.js';

describe('findingLine', () => {
  it('is one line, whatever was found, with what to do about it', () => {
    expect([
      findingLine(good('It is there')),
      findingLine(step(false, 'It was made', '')),
      findingLine(step(true, '', 'It would be made')),
      findingLine(bad('It is\n  - missing', 'Make it')),
      findingLine(unknown('Nobody knows')),
    ]).toEqual([
      '✓ It is there',
      '+ It was made',
      '~ It would be made',
      '✗ It is - missing. Make it',
      '· Nobody knows',
    ]);
  });
});

describe('explainRefusal', () => {
  it.each([
    [
      'required=[write:issue], token scope=read:issue,read:user',
      'No: the token in GITEA_TOKEN lacks the scope write:issue and has read:issue,read:user',
    ],
    ['of required scope(s): [write:repository]', 'No: the token in GITEA_TOKEN lacks the scope write:repository'],
    ['of required scope(s)', 'No: the token in GITEA_TOKEN lacks the scope another scope'],
  ])('reads which scope is missing out of "%s"', (said, what) => {
    const message = said.startsWith('of') ? said : `at least one of required scope(s), ${said}`;

    expect(explainRefusal('No', new GiteaAuthError(403, message))).toEqual(
      bad(what, expect.stringContaining('make another') as unknown as string),
    );
  });

  it('tells a permission from a token, and both from a Gitea that is away', () => {
    const remedies = [
      explainRefusal('No', new GiteaAuthError(401, 'unknown'), 'GITEA_SETUP_TOKEN'),
      explainRefusal('No', new GiteaAuthError(403, 'user should be an owner')),
      explainRefusal('No', new GiteaUnreachableError('no answer')),
      explainRefusal('No', 'odd'),
    ].map((finding) => findingLine(finding));

    expect(remedies).toEqual([
      expect.stringMatching(/^✗ No: Gitea does not know the token in GITEA_SETUP_TOKEN\. Make one/),
      '✗ No: user should be an owner. Give the account of the token that permission in Gitea',
      expect.stringMatching(/^✗ No: no answer\. Look whether GITEA_URL/),
      expect.stringMatching(/^✗ No: odd\. Look whether GITEA_URL/),
    ]);
  });
});

const URL = 'https://coordinator.test/webhook/gitea';
const ALL = ['issues', 'issue_assign', 'issue_label', 'issue_comment', 'pull_request', 'pull_request_comment'];

function hook(given: Partial<GiteaHook> = {}): GiteaHook {
  const events = [...ALL, 'pull_request_review', 'push'];
  return { id: 1, url: URL, contentType: 'json', events, isActive: true, ...given };
}

describe('planHook', () => {
  it('has one made where there is none for the address', () => {
    expect(planHook([hook({ url: 'https://other.test/' })], URL, new Set())).toEqual({
      kept: null,
      obsolete: [],
      because: null,
    });
  });

  it('keeps the newest that suffices, and nothing else of the address', () => {
    const hooks = [
      hook({ id: 3 }),
      hook({ id: 9, isActive: false }),
      hook({ id: 5 }),
      hook({ id: 7, url: 'http://x.test/' }),
    ];

    const { kept, obsolete, because } = planHook(hooks, URL, new Set());

    expect([kept?.id, obsolete.map(({ id }) => id), because]).toEqual([5, [9, 3], null]);
  });

  it('keeps none whose secret is to be replaced', () => {
    expect(planHook([hook({ id: 3 })], URL, new Set([3]))).toMatchObject({
      kept: null,
      because: 'its secret is to be replaced',
    });
    expect(planHook([hook({ id: 3 }), hook({ id: 4 })], URL, new Set([3])).kept?.id).toBe(4);
  });

  it.each([
    [{}, null],
    [{ events: [...ALL, 'pull_request_review_approved'] }, null],
    [{ isActive: false }, 'it is not active'],
    [{ contentType: 'form' }, 'it sends form instead of json'],
    [{ events: ALL.slice(1) }, 'it does not hear of issues, pull_request_review'],
  ])('finds in %j: %s', (given, expected) => {
    expect(shortcoming(hook(given))).toBe(expected);
  });

  it('takes addresses for one that differ in case of the host and a last slash alone', () => {
    expect(isSameAddress('https://Coordinator.test/webhook/gitea/', URL)).toBe(true);
    expect(isSameAddress('https://coordinator.test:443/webhook/gitea', URL)).toBe(true);
    expect(isSameAddress('https://coordinator.test/Webhook/gitea', URL)).toBe(false);
    expect(isSameAddress('not an address/', 'not an address')).toBe(true);
  });
});

describe('proposedConfiguration', () => {
  it('names an example where no gates were found', () => {
    const text = proposedConfiguration([]);

    expect(text).toContain('# No gates were found by themselves in this repository. At least test is needed:');
    expect(text).toContain('#   test: npm test\n');
  });

  it('writes what was found so that a shell and YAML take it for what it is', () => {
    const origin = 'detected';
    const text = proposedConfiguration([
      { name: 'build', argv: ['make', '-j', 'all'], origin },
      { name: 'test', argv: ['sh', '-c', "echo 'a: b' && true"], origin },
    ]);

    expect(text).toContain('#   build: make -j all\n');
    expect(text).toContain(`#   test: "sh -c 'echo '\\\\''a: b'\\\\'' && true'"\n`);
    expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual(['']);
  });
});

describe('readArguments', () => {
  const repository = { owner: 'ada', repo: 'shop' };

  it('reads init in each of its places', () => {
    const init = (...args: string[]) => readArguments(['init', ...args, '--url', URL]);

    expect(init('--repo', 'ada/shop')).toEqual({
      command: 'init',
      init: { place: { kind: 'repository', repository }, url: URL, isRotating: false, isDryRun: false },
    });
    expect(init('--org=acme', '--dry-run')).toMatchObject({
      init: { place: { kind: 'organization', name: 'acme' }, isDryRun: true },
    });
    expect(init('--system', '--rotate-secret')).toMatchObject({
      init: { place: { kind: 'system' }, isRotating: true },
    });
  });

  it('reads doctor and why', () => {
    const service = 'http://localhost:8000';

    expect(readArguments(['doctor'])).toEqual({
      command: 'doctor',
      doctor: { repository: null, url: null, service: null },
    });
    expect(readArguments(['doctor', '--repo', 'ada/shop', '--url', URL, '--service', `${service}/`])).toEqual({
      command: 'doctor',
      doctor: { repository, url: URL, service },
    });
    expect(readArguments(['why', 'ada/shop#12', '--service', service])).toEqual({
      command: 'why',
      issue: { ...repository, number: 12 },
      service,
    });
  });

  it.each([[[]], [['help']], [['--help']], [['-h']]])('helps: %j', (argv) => {
    expect(readArguments(argv)).toEqual({ command: 'help' });
  });

  it.each([
    [['start'], 'There is no command "start"'],
    [['init', '--url', URL], 'init needs one of'],
    [['init', '--repo', 'ada/shop', '--system', '--url', URL], 'init needs one of'],
    [['init', '--repo', 'ada/shop'], 'init needs --url'],
    [['init', '--repo', 'ada', '--url', URL], '--repo is no owner/name: "ada"'],
    [['init', '--repo', 'ada/shop/x', '--url', URL], '--repo is no owner/name'],
    [['init', '--org', '../x', '--url', URL], '--org is no name: "../x"'],
    [['init', '--repo', 'ada/shop', '--url', 'ftp://x'], '--url is no address'],
    [['init', '--repo', 'ada/shop', '--url', 'http://me:secret@x/'], '--url is no address'],
    [['init', '--repo', 'ada/shop', '--url', 'coordinator'], '--url is no address'],
    [['init', '--force'], "Unknown option '--force'"],
    [['doctor', 'ada/shop'], 'Unexpected argument'],
    [['doctor', '--service', 'x'], '--service is no address'],
    [['why'], 'why needs one issue'],
    [['why', 'ada/shop#1', 'ada/shop#2'], 'why needs one issue'],
    [['why', 'ada/shop'], 'Expected owner/repository#number'],
  ])('refuses %j', (argv, message) => {
    expect(() => readArguments(argv)).toThrow(UsageError);
    expect(() => readArguments(argv)).toThrow(message);
  });

  it('shows every option that is read', () => {
    for (const option of ['--repo', '--org', '--system', '--url', '--rotate-secret', '--dry-run', '--service']) {
      expect(USAGE).toContain(option);
    }
  });
});
