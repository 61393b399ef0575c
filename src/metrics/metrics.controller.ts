import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';

import { MetricsService } from './metrics.service.js';

/** `GET /metrics`, for Prometheus. */
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(MetricsService) private readonly metrics: MetricsService) {}

  @Get()
  async metricsText(@Res() response: Response): Promise<void> {
    const { contentType, text } = await this.metrics.render();
    response.type(contentType).send(text);
  }
}
