import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

const TIMEOUT_MS = 5_000;
const AT_ONCE = 8;
const TRIES = 6;
const PAUSE_MS = 200;

/**
 * Carries deliveries to the coordinators, as Gitea does and as people do who press its button for a replay. Keeps the
 * list of what was accepted: answered 2xx as *accepted* or *duplicate*.
 */
export class Courier {
  /** Every id that was ever sent. */
  sent = new Set();
  /** Id to when it was answered, in milliseconds since 1970. */
  accepted = new Map();
  answers = { accepted: 0, duplicate: 0, ignored: 0, refused: 0, unanswered: 0 };
  waiting = [];
  underWay = 0;
  isClosed = false;
  agent = new Agent({ keepAlive: false });

  /** @param given `coordinators`, `random`, `secret` */
  constructor(given) {
    this.given = given;
  }

  get isIdle() {
    return this.waiting.length === 0 && this.underWay === 0;
  }

  /** @param delivery `{ event, eventType, body }`; @param id a new one unless it is a repetition */
  take(delivery, id = randomUUID()) {
    this.waiting.push({ delivery, id, tries: 0 });
    this.carry();
    return id;
  }

  close() {
    this.isClosed = true;
    this.waiting = [];
    this.agent.destroy();
  }

  carry() {
    while (this.underWay < AT_ONCE && this.waiting.length > 0) {
      this.underWay += 1;
      void this.carryOne(this.waiting.shift()).finally(() => {
        this.underWay -= 1;
        if (!this.isClosed) this.carry();
      });
    }
  }

  async carryOne(one) {
    const { coordinators, random } = this.given;
    const open = coordinators.filter(({ port }) => port !== 0);
    const answer = open.length === 0 ? null : await this.post(random.pick(open), one);
    if (answer === null) this.answers.unanswered += 1;
    else if (answer.status !== 200) this.answers.refused += 1;
    else {
      this.answers[answer.outcome] += 1;
      if (answer.outcome !== 'ignored') this.accepted.set(one.id, Date.now());
      return;
    }
    // Gitea sends once. What was not taken, somebody sends again, or nobody does and a sweep must find it.
    one.tries += 1;
    if (this.isClosed || one.tries >= TRIES || random.chance(0.1)) return;
    await new Promise((done) => setTimeout(done, PAUSE_MS * one.tries));
    if (!this.isClosed) this.waiting.push(one);
  }

  post(coordinator, { delivery, id }) {
    this.sent.add(id);
    const signature = createHmac('sha256', this.given.secret).update(delivery.body).digest('hex');
    return new Promise((done) => {
      const sent = request(
        `${coordinator.address}/webhook/gitea`,
        {
          method: 'POST',
          agent: this.agent,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(delivery.body),
            'x-gitea-delivery': id,
            'x-gitea-event': delivery.event,
            'x-gitea-event-type': delivery.eventType,
            'x-gitea-signature': signature,
          },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        },
        (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('error', () => done(null));
          response.on('end', () => {
            const status = response.statusCode;
            if (status !== 200) return done({ status, outcome: null });
            done({ status, outcome: JSON.parse(Buffer.concat(chunks).toString()).status });
          });
        },
      );
      sent.on('error', () => done(null));
      sent.end(delivery.body);
    });
  }
}
