import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeGitea, type FakeExchange } from '../src/testing/index.js';
import { API_ROUTES } from '../src/testing/fake-gitea/rest-api.js';
import { differencesOf } from './support/gitea-description.js';
import { describedCalls } from './support/described-calls.js';

const VERSIONS = ['1.20.5', '1.23.8', '1.26.4', '1.27.0', '11.0.1+gitea-1.22.0'];

describe.each(VERSIONS)('FakeGitea %s, held against the description that Gitea gives of itself', (version) => {
  const exchanges: FakeExchange[] = [];
  let gitea: FakeGitea;

  beforeAll(async () => {
    gitea = await FakeGitea.start({ version, onExchange: (exchange) => exchanges.push(exchange) });
    await describedCalls(gitea);
  });

  afterAll(() => gitea.close());

  it('answers every request as Gitea does, in names, types and statuses', () => {
    expect(exchanges.length).toBeGreaterThan(80);
    expect(exchanges.flatMap((exchange) => differencesOf(exchange))).toEqual([]);
  });

  it('is asked for everything it has, with success', () => {
    const succeeded = exchanges.filter(({ status }) => status < 300);
    const left = API_ROUTES.filter(({ method, path }) => {
      const matcher = new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replace(/\*\w+/g, '.+')}$`);
      return !succeeded.some((exchange) => exchange.method === method && matcher.test(exchange.path));
    });

    expect(left.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});

describe('differencesOf', () => {
  const issue = '/repos/ann/shop/issues/1';
  const exchange = (part: Partial<FakeExchange>): FakeExchange => ({
    method: 'GET',
    path: issue,
    query: '',
    sent: undefined,
    status: 200,
    received: undefined,
    ...part,
  });
  const LABEL = { id: 1, name: 'a', exclusive: false, is_archived: false, color: 'aabbcc', description: '', url: '' };
  const labels = (received: unknown, status = 200): FakeExchange =>
    exchange({ path: '/repos/ann/shop/labels', status, received });

  it('finds nothing in what is right', () => {
    expect(differencesOf(labels([LABEL]))).toEqual([]);
    expect(differencesOf(labels({ message: '', url: 'https://git.example.org/api/swagger' }, 500))).toEqual([]);
  });

  it.each<[string, FakeExchange, string]>([
    ['an endpoint that there is not', exchange({ path: '/nothing' }), 'GET /nothing is in no description'],
    ['a property that is missing', labels([{ ...LABEL, url: undefined }].map(withoutUndefined)), 'answer[0] lacks url'],
    ['a property too many', labels([{ ...LABEL, colour: '' }]), 'answer[0] has colour, which Label has not'],
    ['another type', labels([{ ...LABEL, id: '1' }]), 'answer[0].id is string and not integer'],
    ['null where it is never null', labels([{ ...LABEL, name: null }]), 'answer[0].name is null and not string'],
    ['null for a list', labels(null), 'answer is null and not array'],
    ['a status that it never answers', labels([LABEL], 202), 'the status is none of its own'],
    ['a refusal of another form', labels({ error: 'no' }, 404), 'refusal has error, which APIError has not'],
    ['a refusal without a body', labels(undefined, 500), 'the refusal has no body'],
    ['a query that is not known', { ...labels([]), query: '?per_page=3' }, 'the query has per_page'],
    ['a body where none is taken', { ...labels([]), sent: {} }, 'the request has a body'],
    [
      'a request with a property that is not known',
      exchange({ method: 'PATCH', sent: { label: 1 }, status: 201, received: null }),
      'request has label, which EditIssueOption has not',
    ],
    [
      'a request that lacks what is required',
      exchange({ method: 'POST', path: `${issue}/comments`, sent: {}, status: 201 }),
      'request lacks body',
    ],
  ])('finds %s', (_, given, difference) => {
    expect(differencesOf(given)).toContainEqual(expect.stringContaining(difference));
  });

  it('lets other versions leave out what they do not have, and no more', () => {
    expect(differencesOf(labels([{ id: 1, name: 'a' }]), 'loose')).toEqual([]);
    expect(differencesOf(labels([{ id: 1, name: null }]), 'loose')).toHaveLength(1);
  });
});

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
}
