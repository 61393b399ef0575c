import { Logger } from '@nestjs/common';

const logger = new Logger('Startup');

/** Tells the operator what is to be known of an installed agent. */
export function logAgentNotice(notice: string): void {
  logger.warn('Agent runtime notice', { notice });
}
