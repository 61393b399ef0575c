/** Keeps a text to about so many bytes, half from its beginning and half from its end, and says what is left out. */
export function clipText(text: string, bytes: number): string {
  const whole = Buffer.from(text, 'utf8');
  if (whole.length <= bytes) return text;
  const half = Math.floor(bytes / 2);
  const head = whole.subarray(0, half).toString('utf8');
  const tail = whole.subarray(whole.length - half).toString('utf8');
  return `${head}\n[${whole.length - 2 * half} bytes left out]\n${tail}`;
}
