import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';

/**
 * Answers an agent that asks whether it may. It may: what it can do at all is the sandbox's decision. Once rather than
 * always, as some agents write a lasting permission into the repository.
 */
export function answerPermission({ options }: Pick<RequestPermissionRequest, 'options'>): RequestPermissionResponse {
  const option =
    options.find(({ kind }) => kind === 'allow_once') ?? options.find(({ kind }) => kind === 'allow_always');
  if (option === undefined) return { outcome: { outcome: 'cancelled' } };
  return { outcome: { outcome: 'selected', optionId: option.optionId } };
}
