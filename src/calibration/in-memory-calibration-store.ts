import { DIFFICULTIES } from '../kernel/index.js';
import type { CalibrationStore } from './calibration-store.port.js';
import type { CalibrationGroup, CalibrationSample } from './calibration.types.js';

/** A CalibrationStore within this process that forgets the oldest samples. */
export class InMemoryCalibrationStore implements CalibrationStore {
  /** By job, the oldest first. */
  private readonly samples = new Map<string, CalibrationSample>();

  /** @param maxSamples how many samples are remembered, of all groups together */
  constructor(private readonly maxSamples = 10_000) {}

  put(sample: CalibrationSample): Promise<void> {
    this.samples.delete(sample.jobId);
    this.samples.set(sample.jobId, { ...sample });
    const [oldest] = this.samples.keys();
    if (this.samples.size > this.maxSamples && oldest !== undefined) this.samples.delete(oldest);
    return Promise.resolve();
  }

  newest({ profile, difficulty }: CalibrationGroup, limit: number): Promise<readonly CalibrationSample[]> {
    const group = [...this.samples.values()].filter(
      (sample) => sample.profile === profile && sample.difficulty === difficulty,
    );
    return Promise.resolve(group.reverse().slice(0, limit));
  }

  groups(): Promise<readonly CalibrationGroup[]> {
    const groups = new Map<string, CalibrationGroup>();
    for (const { profile, difficulty } of this.samples.values()) {
      groups.set(JSON.stringify([profile, difficulty]), { profile, difficulty });
    }
    return Promise.resolve([...groups.values()].sort(byProfileAndDifficulty));
  }
}

function byProfileAndDifficulty(a: CalibrationGroup, b: CalibrationGroup): number {
  if (a.profile !== b.profile) return a.profile < b.profile ? -1 : 1;
  return DIFFICULTIES.indexOf(a.difficulty) - DIFFICULTIES.indexOf(b.difficulty);
}
