import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BoundedOutput } from './bounded-output.js';

function capture(keepBytes: number, ...chunks: (string | Uint8Array)[]) {
  const output = new BoundedOutput(keepBytes);
  for (const chunk of chunks) output.add(Buffer.from(chunk));
  return output.captured();
}

describe('BoundedOutput', () => {
  it('is empty at first', () => {
    expect(capture(10)).toEqual({ text: '', totalBytes: 0, isTruncated: false });
  });

  it('keeps everything that fits', () => {
    expect(capture(10, 'abcdef', 'ghij')).toEqual({ text: 'abcdefghij', totalBytes: 10, isTruncated: false });
  });

  it('leaves out the middle of what does not fit', () => {
    expect(capture(4, 'abcdefgh', 'ij')).toEqual({
      text: 'ab\n[... 6 bytes left out ...]\nij',
      totalBytes: 10,
      isTruncated: true,
    });
  });

  it('keeps nothing but the count when nothing is to be kept', () => {
    expect(capture(0, 'abc')).toEqual({ text: '\n[... 3 bytes left out ...]\n', totalBytes: 3, isTruncated: true });
    expect(capture(1, 'abc').text).toBe('a\n[... 2 bytes left out ...]\n');
  });

  it.each(['é', '€', '😀'])('never shows a part of %s where it cuts', (character) => {
    const shown = [...Array(12).keys()].map((shift) => capture(12, 'x'.repeat(shift), character.repeat(40)).text);

    expect(shown.filter((text) => text.includes('\uFFFD'))).toEqual([]);
  });

  it('replaces bytes that are no UTF-8, wherever they stand', () => {
    expect(capture(100, Uint8Array.of(0x61, 0xff, 0x62)).text).toBe('a\uFFFDb');
    expect(capture(8, new Uint8Array(50).fill(0x80)).text).toMatch(/^\uFFFD{4}\n\[.*\]\n\uFFFD$/);
  });

  it('shows the same however the output was cut into chunks', () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 12 }), fc.nat(80), (chunks, keepBytes) => {
        const all = Buffer.concat(chunks);

        expect(capture(keepBytes, ...chunks)).toEqual(capture(keepBytes, all));
      }),
    );
  });

  it('keeps the first and the last bytes, and counts the others', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 60 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), fc.nat(80), (chunks, keepBytes) => {
        const all = chunks.join('');
        const captured = capture(keepBytes, ...chunks);

        const head = all.slice(0, Math.ceil(keepBytes / 2));
        const tail = all.slice(all.length - Math.floor(keepBytes / 2));
        const cut = `${head}\n[... ${all.length - keepBytes} bytes left out ...]\n${tail}`;
        expect(captured.totalBytes).toBe(all.length);
        expect(captured.text).toBe(all.length > keepBytes ? cut : all);
      }),
    );
  });
});
