import { Controller, HttpCode, Post, Req, UseFilters, UseGuards, type Type } from '@nestjs/common';
import { SignatureGuard, type AuthenticRequest } from '../security/index.js';
import { WebhookExceptionFilter } from './webhook-exception.filter.js';
import { WebhookService, type Receipt } from './webhook.service.js';

/** Takes deliveries in over HTTP. Gets its path by `webhookControllerAt`. */
@UseGuards(SignatureGuard)
@UseFilters(WebhookExceptionFilter)
export class WebhookController {
  constructor(private readonly webhook: WebhookService) {}

  @Post()
  @HttpCode(200)
  receive(@Req() request: AuthenticRequest): Promise<Receipt> {
    return this.webhook.receive(request.headers, request.signedPayload);
  }
}

/** The controller at a path of the host's choosing. A class of its own, since Nest reads the path from the class. */
export function webhookControllerAt(path: string): Type<WebhookController> {
  @Controller(path)
  class WebhookControllerAtPath extends WebhookController {}
  return WebhookControllerAtPath;
}
