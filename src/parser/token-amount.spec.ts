import { describe, expect, it } from '@jest/globals';
import { readTokenAmount } from './token-amount.js';

const anywhere = (text: string): number | null => readTokenAmount(text, { isUnitOptional: true });
const withUnit = (text: string): number | null => readTokenAmount(text, { isUnitOptional: false });

describe('readTokenAmount', () => {
  it.each([
    ['46800', 46_800],
    ['46,800 tokens', 46_800],
    ['46.800', 46_800],
    ['46 800', 46_800],
    ['46\u202f800', 46_800],
    ['46_800', 46_800],
    ["46'800", 46_800],
    ['1,234,567', 1_234_567],
    ['20k', 20_000],
    ['20 K tokens', 20_000],
    ['20ktokens', 20_000],
    ['46.8k', 46_800],
    ['46,8k', 46_800],
    ['4.07k', 4_070],
    ['1.500k', 1_500],
    ['1,500k', 1_500_000],
    ['1.5 M', 1_500_000],
    ['0.5m tokens', 500_000],
    ['1.0001k', 1_001],
    ['~46,800 tokens (with buffer)', 46_800],
    ['20k-30k', 30_000],
    ['20-30k', 30_000],
    ['20,000 to 30,000', 30_000],
    ['20,000 – 30,000 tokens', 30_000],
    ['20,000 tokens, 3 files', 20_000],
    ['3 files, 20,000 tokens', 20_000],
    ['medium-20k', 20_000],
    ['100', 100],
    ['1 token', 1],
    ['1,000,000,000', 1_000_000_000],
  ])('reads %p as %p', (text, tokens) => {
    expect(anywhere(text)).toBe(tokens);
  });

  it.each([
    '',
    'lots',
    '0 tokens',
    '-5,000 tokens',
    '- of -5,000',
    '46,80',
    '46,8000',
    '20,000,5 tokens',
    '46.8',
    '46.8 tokens',
    '50%',
    '1046.5%',
    '3 days',
    '1000 lines',
    '20 minutes',
    '99',
    '#14700',
    'v12000',
    'COORD-00400',
    '1,000,000,001 tokens',
    '46,800,00k',
    '1,000.000k',
    `${'x'.repeat(200)} 5000`,
  ])('finds no amount in %p', (text) => {
    expect(anywhere(text)).toBeNull();
  });

  it.each([
    ['medium (20,000 tokens)', 20_000],
    ['light (3k)', 3_000],
    ['3', null],
    ['46800', null],
    ['5 modules', null],
  ])('with a unit required reads %p as %p', (text, tokens) => {
    expect(withUnit(text)).toBe(tokens);
  });
});
