const FIELD = Buffer.from('payload=');
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;
const AMPERSAND = 0x26;
const TILDE = 0x7e;

/**
 * The bytes that the sender signed: the body as it came, but for a form the text inside its field `payload`. Gitea
 * signs `PayloadContent` and sends `url.Values{"payload": …}.Encode()` (services/webhook/deliver.go).
 *
 * Undefined for a form that is anything but exactly that one field: what else it held would be unsigned.
 */
export function signedPayload(body: Buffer, contentType: string | undefined): Buffer | undefined {
  return isForm(contentType) ? decodePayloadField(body) : body;
}

function isForm(contentType = ''): boolean {
  const [mediaType = ''] = contentType.split(';', 1);
  return mediaType.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

function decodePayloadField(body: Buffer): Buffer | undefined {
  if (!body.subarray(0, FIELD.length).equals(FIELD)) return undefined;
  const decoded = Buffer.allocUnsafe(body.length - FIELD.length);
  let length = 0;
  for (let at = FIELD.length; at < body.length; at += 1) {
    let byte = body.readUInt8(at);
    if (byte === AMPERSAND || byte <= SPACE || byte > TILDE) return undefined;
    if (byte === PLUS) byte = SPACE;
    if (byte === PERCENT) {
      const high = hexDigit(body[at + 1]);
      const low = hexDigit(body[at + 2]);
      if (high < 0 || low < 0) return undefined;
      byte = high * 16 + low;
      at += 2;
    }
    decoded[length] = byte;
    length += 1;
  }
  return decoded.subarray(0, length);
}

/** The value of a hexadecimal digit's character code, or -1. */
function hexDigit(code = 0): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
