import type { BaseMeasurement, BaseMeasurementStore } from './base-measurement-store.port.js';

/** A BaseMeasurementStore within this process that forgets what was put longest ago. */
export class InMemoryBaseMeasurementStore implements BaseMeasurementStore {
  private readonly measurements = new Map<string, BaseMeasurement>();

  /** @param most how many measurements are remembered */
  constructor(private readonly most = 50) {}

  get(key: string): Promise<BaseMeasurement | undefined> {
    return Promise.resolve(this.measurements.get(key));
  }

  put(key: string, measurement: BaseMeasurement): Promise<void> {
    this.measurements.delete(key);
    this.measurements.set(key, measurement);
    const [oldest] = this.measurements.keys();
    if (this.measurements.size > this.most && oldest !== undefined) this.measurements.delete(oldest);
    return Promise.resolve();
  }
}
