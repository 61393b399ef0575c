import { Inject, Injectable } from '@nestjs/common';
import { KeyedLock } from '../kernel/index.js';
import { GiteaHttp } from './gitea-http.js';

/** Makes writing safe to repeat: one writer at a time for each key, and a look before each write. */
@Injectable()
export class Convergence {
  private readonly lock = new KeyedLock();

  constructor(@Inject(GiteaHttp) private readonly http: Pick<GiteaHttp, 'mayRepeat'>) {}

  /**
   * Looks and writes until it went through. A failure that may have taken effect is followed by another look, never
   * by the same write: this is what makes a lost answer harmless.
   *
   * @param key what is written to, such as an issue's key
   */
  reach<T>(key: string, lookAndWrite: () => Promise<T>): Promise<T> {
    return this.lock.hold(key, async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await lookAndWrite();
        } catch (error) {
          if (!(await this.http.mayRepeat(attempt, error))) throw error;
        }
      }
    });
  }
}
