import { Catch, HttpException, Inject, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { DeliveryLogUnavailableError, MalformedDeliveryError } from './webhook.errors.js';
import type { DeliveryRefused } from './webhook.events.js';
import { WEBHOOK_OPTIONS, type WebhookOptions } from './webhook.options.js';

const RETRY_AFTER_SECONDS = 10;

/**
 * Answers every error of the webhook's routes in one form, `{"error": code, "message": sentence}`, whatever the host's
 * own filters do.
 */
@Catch()
export class WebhookExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('Webhook');

  constructor(@Inject(WEBHOOK_OPTIONS) private readonly options: WebhookOptions) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    if (error instanceof MalformedDeliveryError) {
      const { code, message, problems } = error;
      this.logger.warn('Delivery malformed', { problems: problems.map(({ field }) => field).join(', ') });
      return this.refuse(response, 422, { error: code, message, problems });
    }
    if (error instanceof DeliveryLogUnavailableError) {
      response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
      return this.refuse(response, 503, { error: error.code, message: error.message });
    }
    // The guard's refusal, already announced, or a guard or pipe of the host.
    if (error instanceof HttpException) return answer(response, error.getStatus(), bodyOf(error));
    this.logger.error('A delivery could not be handled', error);
    return this.refuse(response, 500, { error: 'INTERNAL_ERROR', message: 'The delivery could not be handled.' });
  }

  private refuse(response: ServerResponse, status: number, body: ErrorBody): void {
    const event: DeliveryRefused = { type: 'webhook.delivery-refused', code: body.error, status };
    this.options.eventBus.publish(event);
    answer(response, status, body);
  }
}

interface ErrorBody {
  readonly error: string;
  readonly message: string;
  readonly problems?: MalformedDeliveryError['problems'];
}

function bodyOf(error: HttpException): ErrorBody {
  const given = error.getResponse();
  const code = typeof given === 'object' && 'error' in given ? given.error : undefined;
  return { error: typeof code === 'string' ? code : 'REQUEST_REFUSED', message: error.message };
}

function answer(response: ServerResponse, status: number, body: ErrorBody): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8').end(JSON.stringify(body));
}
