import { createHash, timingSafeEqual } from 'node:crypto';

import {
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { Request } from 'express';

import { API_OPTIONS, type ApiModuleOptions } from './api.options.js';

/** Lets a request pass that carries the API token as a bearer token (RFC 6750). Without a configured token: nobody. */
@Injectable()
export class ApiTokenGuard implements CanActivate {
  constructor(@Inject(API_OPTIONS) private readonly options: ApiModuleOptions) {}

  canActivate(context: ExecutionContext): boolean {
    const { token } = this.options;
    if (token === null) {
      throw new ForbiddenException({ error: 'API_CLOSED', message: 'Set API_TOKEN to open the API' });
    }
    const header = context.switchToHttp().getRequest<Request>().headers.authorization ?? '';
    const given = /^Bearer +(.+)$/i.exec(header)?.[1] ?? '';
    if (!isSame(given, token)) {
      throw new UnauthorizedException({ error: 'API_TOKEN_REJECTED', message: 'Send the API token as a bearer token' });
    }
    return true;
  }
}

/** Compares digests in constant time: they have one length whatever was sent. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
