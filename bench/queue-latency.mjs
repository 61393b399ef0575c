import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Service } from './queue-service.mjs';

const WARM_UP = 5;
/** Between two issues, so that no moment of the loop's interval is preferred. */
const PAUSE_MS = [150, 650];

/**
 * Milliseconds from the first byte of a signed delivery, which assigns an issue to the bot, one at a time. `started` until
 * a coordinator that has claimed its job says so in its log: in between are the durable acceptance, what is read of Gitea,
 * the parsing, the storing of the job, and its claim; the run begins there, with its workspace. `asked` until the agent
 * asks its model for the first time.
 */
export async function measureLatency({ dist, around, folder, databaseUrl, replicas, samples }) {
  const services = [];
  const figures = { accepted: [], started: [], asked: [] };
  try {
    for (let at = 0; at < replicas; at += 1) {
      const dataFolder = join(folder, `latency-${replicas}-${at}`);
      mkdirSync(dataFolder, { recursive: true });
      services.push(await Service.start({ dist, environment: around.environment, dataFolder, databaseUrl }));
    }
    // The first looks at everything there is.
    await sleep(2_000);
    for (let sample = -WARM_UP; sample < samples; sample += 1) {
      const times = await startOne(around, services, sample);
      if (sample >= 0) for (const [name, ms] of Object.entries(times)) figures[name].push(ms);
      await sleep(PAUSE_MS[0] + Math.random() * (PAUSE_MS[1] - PAUSE_MS[0]));
    }
    return figures;
  } finally {
    await Promise.all(services.map((service) => service.end()));
  }
}

async function startOne(around, services, sample) {
  const others = services.filter(({ leads }) => !leads);
  if (services.length > 1 && others.length !== services.length - 1) throw new Error('Not one of them leads');
  const receiving = others.length === 0 ? services[0] : others[Math.abs(sample) % others.length];
  const issue = around.openIssue();
  const isStart = (line) => line.issue === issue.name && line.to === 'running';
  const started = Promise.race(services.map((service) => service.line('Job moved', isStart)));
  const ended = Promise.race(services.map((service) => service.line('Run ended', (line) => line.issue === issue.name)));
  const asking = new Promise((done) => (around.asked = done));
  const delivery = issue.assign();
  const began = performance.now();
  const accepted = receiving.deliver(delivery).then(() => performance.now());
  const times = {
    accepted: (await accepted) - began,
    started: (await started).at - began,
    asked: (await asking) - began,
  };
  // Its run is over before the next begins: what is measured is no queue.
  await receiving.deliver(issue.unassign());
  await ended;
  return times;
}
