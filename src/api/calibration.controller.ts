import { Controller, Get, Inject, UseGuards } from '@nestjs/common';

import type { CalibrationOverview } from '../calibration/index.js';
import { API_OPTIONS, type ApiModuleOptions } from './api.options.js';
import { ApiTokenGuard } from './api-token.guard.js';

/** Shows what finished work took beside its estimates to whoever holds the API token. */
@Controller('api/calibration')
@UseGuards(ApiTokenGuard)
export class CalibrationController {
  constructor(@Inject(API_OPTIONS) private readonly options: ApiModuleOptions) {}

  /** By profile and difficulty, what later estimates are multiplied by, and how many finished jobs it follows from. */
  @Get()
  async show(): Promise<{ calibration: readonly CalibrationOverview[] }> {
    return { calibration: (await this.options.calibration?.overview()) ?? [] };
  }
}
