/** What `HealthModule.forRoot` needs: who to ask. */
export interface HealthModuleOptions {
  /** Rejects when the database does not answer. */
  readonly pingDatabase: () => Promise<void>;
  /** Milliseconds since the loop last looked at everything; null before the first time. */
  readonly sinceLastTickMs: () => number | null;
  /** Milliseconds after which a silent loop is no longer believed to be alive. */
  readonly silentLoopMs: number;
  /** What the service cannot do as it is configured, in sentences. Shown, and no reason to be unready. */
  readonly limitations: readonly string[];
  /** What it cannot do at this moment, in sentences, shown with the others. @default nothing */
  readonly presentLimitations?: () => readonly string[];
  /** What `GET /health` names, beside the service. */
  readonly version: string;
}

export const HEALTH_OPTIONS = Symbol('HEALTH_OPTIONS');
