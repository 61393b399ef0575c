import {
  Inject,
  Injectable,
  Logger,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { SECURITY_OPTIONS, type SecurityOptions } from './security.options.js';
import type { Refusal, SignedRequest } from './security.types.js';
import { isSigned, readDigests } from './signature.js';
import { signedPayload } from './signed-payload.js';

/** Forged requests are free to send, log lines are not to keep: at most one warning in this time. */
const WARN_EVERY_MS = 10_000;

const REJECTED: Refusal = {
  code: 'SIGNATURE_REJECTED',
  status: 401,
  message: 'The request is not signed with a secret that this service knows.',
};

const NOT_SIGNED = 'Refused: not signed with a known secret';
const NO_BYTES = 'Refused unread: the path is not among the options of SecurityModule, or a parser came before it';

/**
 * Lets a request in if it is signed with one of the secrets, over the bytes that came.
 *
 * Answers 401 otherwise, and the same to a signature that is missing, malformed or wrong. Sets
 * `request.signedPayload`, which is therefore authentic wherever it is set.
 */
@Injectable()
export class SignatureGuard implements CanActivate {
  private readonly logger = new Logger('Security');
  private refusedSinceWarning = 0;
  private warnedAt = -Infinity;

  constructor(@Inject(SECURITY_OPTIONS) private readonly options: SecurityOptions) {}

  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<SignedRequest>();
    const payload = this.authenticPayload(request);
    if (payload === undefined) {
      this.warn(request.rawBody === undefined ? NO_BYTES : NOT_SIGNED);
      this.options.onRefused(REJECTED);
      throw new UnauthorizedException({ error: REJECTED.code, message: REJECTED.message });
    }
    request.signedPayload = payload;
    return true;
  }

  private authenticPayload({ headers, rawBody }: SignedRequest): Buffer | undefined {
    const digests = readDigests(headers);
    if (digests.length === 0 || rawBody === undefined) return undefined;
    const payload = signedPayload(rawBody, headers['content-type']);
    return payload !== undefined && isSigned(payload, digests, this.options.secrets) ? payload : undefined;
  }

  private warn(sentence: string): void {
    this.refusedSinceWarning += 1;
    const now = this.options.clock.monotonic();
    if (now - this.warnedAt < WARN_EVERY_MS) return;
    this.logger.warn(sentence, { refused: this.refusedSinceWarning });
    this.warnedAt = now;
    this.refusedSinceWarning = 0;
  }
}
