import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { BOT } from './world.mjs';

/** A job must come to rest in one of these. */
const FINAL_STATES = ['completed', 'cancelled'];
const MARKER = /<!-- (mosaic:[^ ]+) -->\s*$/;
const MOST_EXAMPLES = 12;

/**
 * Compares what was accepted with what became of it. Every count of `mustBeZero` is a promise that was broken; the
 * examples name the first of each.
 */
export async function account({ world, courier, store, folder, coordinators }) {
  const examples = [];
  const count = (what, found) => {
    for (const one of found.slice(0, MOST_EXAMPLES)) examples.push(`${what}: ${one}`);
    return found.length;
  };
  const deliveries = await store.query('select id, settled_at, fault from deliveries');
  const jobs = await store.query('select id, owner, repo, number, state, reason from jobs');
  const events = await store.query('select job_id, to_state, reason from job_events order by sequence');
  const rows = new Map(deliveries.map((row) => [row.id, row]));
  const isProcessed = (id) => rows.has(id) && rows.get(id).settled_at !== null && rows.get(id).fault === null;
  const accepted = [...courier.accepted.keys()];
  const agents = readAgents(folder);
  const doubled = effectsOf(world);
  const ends = endsOf(world, jobs, events);

  return {
    accepted: accepted.length,
    answers: { ...courier.answers },
    processed: accepted.filter(isProcessed).length,
    stored: deliveries.length,
    issues: world.issues.size,
    agentSteps: agents.starts.length,
    mustBeZero: {
      'accepted deliveries lost': count(
        'lost',
        accepted.filter((id) => !isProcessed(id)).map((id) => `${id} ${rows.has(id) ? 'not settled' : 'not stored'}`),
      ),
      'unexpected deliveries': count(
        'unexpected delivery',
        deliveries.filter(({ id }) => !courier.sent.has(id)).map(({ id }) => id),
      ),
      'unexpected jobs': count('unexpected job', jobs.filter((job) => !world.issues.has(nameOf(job))).map(nameOf)),
      'comments doubled': count('comment doubled', doubled.comments),
      'pull requests doubled': count('pull request doubled', doubled.pulls),
      'branches doubled': count('branch doubled', doubledBranches(world)),
      'statuses doubled': count('status doubled', doubled.statuses),
      'labels doubled': count('label doubled', doubled.labels),
      'two live agents on one issue': count('two agents', agents.shouts),
      'agents after the end': count('agent after the end', lateAgents(world, agents)),
      'order violations': count('order', orderViolations(world, agents)),
      'coordinators that ended by themselves': count(
        'ended by itself',
        coordinators.flatMap(({ selfEndings }) => selfEndings),
      ),
      'jobs not in one final state': count('not in one final state', ends),
    },
    examples,
  };
}

export function violationsOf({ mustBeZero }) {
  return Object.entries(mustBeZero).filter(([, found]) => found > 0);
}

function nameOf({ owner, repo, number }) {
  return `${owner}/${repo}#${number}`;
}

/** What agents wrote: word, issue, microseconds since 1970, pid, step, folder. */
function readAgents(folder) {
  let text = '';
  try {
    text = readFileSync(join(folder, 'agents.log'), 'utf8');
  } catch {
    // No agent ever began.
  }
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));
  const of = (word) =>
    lines
      .filter(([first]) => first === word)
      .map(([, issue, at, pid, step, place]) => ({ issue, at: Number(at) / 1000, pid, step, place }));
  return {
    starts: of('start'),
    shouts: of('shout').map(
      ({ issue, at, pid, step, place }) =>
        `${issue} step ${step} at ${new Date(at).toISOString()} pid ${pid} in ${place}`,
    ),
  };
}

function orderViolations({ issues }, { starts }) {
  const firstStart = new Map();
  for (const { issue, at } of starts) firstStart.set(issue, Math.min(at, firstStart.get(issue) ?? Infinity));
  return [...issues.values()].flatMap((issue) =>
    issue.blockers
      .map((name) => issues.get(name))
      .filter(
        (blocker) =>
          firstStart.has(issue.name) && !(blocker.endedAt !== null && blocker.endedAt <= firstStart.get(issue.name)),
      )
      .map((blocker) => `${issue.name} started before ${blocker.name} was finished`),
  );
}

function lateAgents({ issues }, { starts }) {
  return starts
    .filter(({ issue, at }) => at > (issues.get(issue)?.endedAt ?? Infinity))
    .map(({ issue, step }) => `${issue} step ${step}`);
}

/** The issues whose job is not there, did not end, ended more than once, or is not where its history says. */
function endsOf({ issues }, jobs, events) {
  const jobOf = groupBy(jobs, nameOf);
  const eventsOf = groupBy(events, ({ job_id: id }) => id);
  return [...issues.keys()].flatMap((name) => {
    const found = jobOf.get(name) ?? [];
    if (found.length !== 1) return [`${name} has ${found.length} jobs`];
    const [job] = found;
    const history = eventsOf.get(job.id) ?? [];
    const finals = history.filter(({ to_state: to }) => FINAL_STATES.includes(to)).length;
    if (!FINAL_STATES.includes(job.state)) return [`${name} is ${job.state}: ${job.reason}`];
    if (finals !== 1)
      return [`${name} came to an end ${finals} times: ${history.map(({ to_state: to }) => to).join(' ')}`];
    return history.at(-1)?.to_state === job.state
      ? []
      : [`${name} is ${job.state}, its history says ${history.at(-1)?.to_state}`];
  });
}

function groupBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** Each key that occurs more than once. */
function repeated(keys) {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].filter(([, times]) => times > 1).map(([key, times]) => `${key}, ${times} times`);
}

/** What the bot did at Gitea twice. */
function effectsOf({ gitea, names }) {
  const found = { comments: [], pulls: [], statuses: [], labels: [] };
  for (const repository of names) {
    const at = `${repository.owner}/${repository.repo}`;
    const pages = gitea.issues(repository);
    const ours = pages.filter(({ pull, author }) => pull !== null && author.login === BOT);
    found.pulls.push(...repeated(ours.map(({ pull }) => `${at} ${pull.headBranch}`)));
    for (const { number, comments, labels } of pages) {
      const markers = comments
        .filter(({ author }) => author.login === BOT)
        .map(({ body }) => MARKER.exec(body)?.[1] ?? `no marker: ${body.slice(0, 60)}`);
      found.comments.push(...repeated(markers.map((marker) => `${at}#${number} ${marker}`)));
      const states = labels.filter(({ name }) => name.startsWith('mosaic/'));
      if (states.length > 1) found.labels.push(`${at}#${number} has ${states.map(({ name }) => name).join(', ')}`);
    }
    found.labels.push(...repeated(gitea.labels(repository).map(({ name }) => `${at} ${name}`)));
    const commits = new Set(ours.map(({ pull }) => pull.headCommit));
    for (const commit of commits) {
      const statuses = gitea
        .statuses(repository, commit)
        .map(({ context, state }) => `${at} ${commit.slice(0, 8)} ${context} ${state}`);
      found.statuses.push(...repeated(statuses));
    }
  }
  return found;
}

/** More than one branch of the bot's for one issue. */
function doubledBranches({ gitea, names }) {
  const found = [];
  for (const repository of names) {
    const [some] = gitea.issues(repository);
    if (some === undefined) continue;
    const branches = [...some.repository.branches.keys()].filter((name) => name.startsWith('coordinator/'));
    const numbers = branches.map((name) => `${repository.owner}/${repository.repo} ${name.split('-')[0]}`);
    found.push(...repeated(numbers));
  }
  return found;
}
