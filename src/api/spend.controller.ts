import { Controller, Get, Inject, NotFoundException, UseGuards } from '@nestjs/common';

import type { SpendStanding } from '../budgets/index.js';
import { API_OPTIONS, type ApiModuleOptions } from './api.options.js';
import { ApiTokenGuard } from './api-token.guard.js';

/** Shows whoever holds the API token what was spent, and what of the budgets is left. */
@Controller('api/spend')
@UseGuards(ApiTokenGuard)
export class SpendController {
  constructor(@Inject(API_OPTIONS) private readonly options: ApiModuleOptions) {}

  /** Where the budgets of the present day stand, all together and for each profile. */
  @Get()
  async show(): Promise<SpendStanding> {
    const standing = await this.options.budgets?.standing();
    if (standing === undefined) {
      throw new NotFoundException({ error: 'API_SPEND_UNKNOWN', message: 'Nobody here reckons what is spent' });
    }
    return standing;
  }
}
