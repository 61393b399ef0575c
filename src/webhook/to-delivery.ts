import type { Delivery } from './delivery.types.js';
import type { IssueEvent } from './issue-event.js';

/** What a sender may write and a database may refuse: PostgreSQL takes no NUL, and half a surrogate pair is no UTF-8. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** What is noted of an event. Characters that no database stores become U+FFFD, so that the delivery is not lost. */
export function toDelivery(event: IssueEvent, request: Pick<Delivery, 'id' | 'kind' | 'receivedAt'>): Delivery {
  const { owner, repo, number, action, state, updatedAt, defaultBranch } = event;
  return {
    ...request,
    action,
    issue: {
      ref: { owner, repo, number },
      title: storable(event.title),
      body: storable(event.body),
      state,
      assignees: event.assignees.map(storable),
      labels: event.labels.map(storable),
      updatedAt,
      defaultBranch: defaultBranch === '' ? null : defaultBranch,
    },
    sender: storable(event.sender),
  };
}

function storable(text: string): string {
  return text.replace(UNSTORABLE, '\u{fffd}');
}
