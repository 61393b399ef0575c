import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';

import { HEALTH_OPTIONS, type HealthModuleOptions } from './health.options.js';

/** A database that needs longer than this to answer cannot take a delivery in time either. */
const DATABASE_TIMEOUT_MS = 2_000;
/** The check writes to the disk: whoever asks more often than this gets the last answer. */
const DATABASE_BELIEVED_MS = 2_000;

/** Says whether the service lives, and whether it is ready for work. Shows no secret: it needs no token. */
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HEALTH_OPTIONS) private readonly options: HealthModuleOptions,
    @Inject(HealthCheckService) private readonly checks: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  /** The original contract: 200 while the process answers. */
  @Get()
  health(): { status: string; service: string; version: string } {
    return { status: 'healthy', service: 'mosaic-coordinator', version: this.options.version };
  }

  /** For a liveness probe. Asks nobody: a database that is away is no reason to restart the process. */
  @Get('live')
  live(): { status: string } {
    return { status: 'alive' };
  }

  /** For a readiness probe: 200, or 503 with what is wrong. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.checks.check([() => this.database(), () => this.loop(), () => this.configuration()]);
  }

  private database() {
    return this.indicators
      .check('database')
      .attempt(() => this.options.pingDatabase())
      .withTimeout(DATABASE_TIMEOUT_MS)
      .cacheFor(DATABASE_BELIEVED_MS);
  }

  private loop() {
    const sinceMs = this.options.sinceLastTickMs();
    const check = this.indicators.check('loop');
    if (sinceMs === null) return check.down('The loop has not looked at anything yet');
    const sinceSeconds = Math.round(sinceMs / 1_000);
    return sinceMs > this.options.silentLoopMs
      ? check.down(`The loop last looked at everything ${sinceSeconds} seconds ago`)
      : check.up({ secondsSinceLastTick: sinceSeconds });
  }

  private configuration() {
    const limitations = [...this.options.limitations, ...(this.options.presentLimitations?.() ?? [])];
    const check = this.indicators.check('configuration');
    return limitations.length === 0 ? check.up() : check.up({ limitations });
  }
}
