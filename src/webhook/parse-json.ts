import { isUtf8 } from 'node:buffer';
import { MalformedDeliveryError, WHOLE_BODY } from './webhook.errors.js';

/**
 * Reads bytes as JSON in UTF-8. Bytes that are not UTF-8 are refused, not replaced: what was signed and what is read
 * stay the same.
 *
 * @throws {MalformedDeliveryError} if they are not UTF-8 or not JSON
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new MalformedDeliveryError([{ field: WHOLE_BODY, problem: 'must be UTF-8' }]);
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    throw new MalformedDeliveryError([{ field: WHOLE_BODY, problem: 'must be JSON' }], { cause: error });
  }
}
