import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../local/services/events/pattern.ts';

const matches = (pattern: unknown, event: unknown) => compilePattern(pattern)(event);
const one = (filter: unknown, value: unknown) =>
  matches({ detail: { x: [filter] } }, { detail: value === undefined ? {} : { x: value } });

describe('event patterns', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['a string', 'a', 'a', true],
    ['a string', 'a', 'b', false],
    ['a number', 5, 5, true],
    ['null', null, null, true],
    ['null where the field is absent', null, undefined, false],
    ['prefix', { prefix: 'web/' }, 'web/1.0.0', true],
    ['prefix, folded', { prefix: { 'equals-ignore-case': 'WEB' } }, 'web/1', true],
    ['suffix', { suffix: '.raw' }, 'linux.raw', true],
    ['suffix', { suffix: '.raw' }, 'linux.json', false],
    ['equals-ignore-case', { 'equals-ignore-case': 'ALICE' }, 'alice', true],
    ['anything-but a list', { 'anything-but': ['a', 'b'] }, 'c', true],
    ['anything-but a list', { 'anything-but': ['a', 'b'] }, 'b', false],
    ['anything-but an absent field', { 'anything-but': 'a' }, undefined, false],
    ['anything-but a prefix', { 'anything-but': { prefix: 'x' } }, 'xy', false],
    ['anything-but suffixes', { 'anything-but': { suffix: ['.a', '.b'] } }, 'z.c', true],
    ['anything-but a wildcard', { 'anything-but': { wildcard: '*/lib/*' } }, 'a/lib/b', false],
    ['numeric', { numeric: ['>', 0, '<=', 5] }, 5, true],
    ['numeric', { numeric: ['>', 0, '<=', 5] }, 0, false],
    ['numeric of a string', { numeric: ['=', 5] }, '5', false],
    ['exists', { exists: true }, null, true],
    ['exists', { exists: false }, undefined, true],
    ['exists', { exists: false }, 1, false],
    ['wildcard', { wildcard: 'a*c*' }, 'abbbc', true],
    ['wildcard with a star in the text', { wildcard: 'a\\*c' }, 'a*c', true],
    ['wildcard with a star in the text', { wildcard: 'a\\*c' }, 'abc', false],
    ['wildcard with signs of regular expressions', { wildcard: '*.raw' }, 'linuxXraw', false],
    ['cidr', { cidr: '10.0.0.0/24' }, '10.0.0.255', true],
    ['cidr', { cidr: '10.0.0.0/24' }, '10.0.1.0', false],
    ['cidr', { cidr: '2001:db8::/32' }, '2001:db8::1', true],
    ['one element of a list', 'b', ['a', 'b'], true],
  ])('%s: %j on %j is %s', (_what, filter, value, expected) => {
    expect(one(filter, value)).toBe(expected);
  });

  it('need every field, and one alternative of each', () => {
    const pattern = {
      source: ['aws.s3'],
      detail: { bucket: { name: ['images'] }, object: { key: [{ suffix: '.raw' }, { suffix: '.json' }] } },
    };
    const event = (name: string, key: string) => ({ source: 'aws.s3', detail: { bucket: { name }, object: { key } } });
    expect(matches(pattern, event('images', 'a.raw'))).toBe(true);
    expect(matches(pattern, event('images', 'a.json'))).toBe(true);
    expect(matches(pattern, event('other', 'a.raw'))).toBe(false);
    expect(matches(pattern, event('images', 'a.txt'))).toBe(false);
    expect(matches(pattern, { source: 'aws.s3' })).toBe(false);
  });

  it('take one of the alternatives of $or', () => {
    const pattern = { detail: { $or: [{ a: [1] }, { b: [2] }], c: [3] } };
    expect(matches(pattern, { detail: { b: 2, c: 3 } })).toBe(true);
    expect(matches(pattern, { detail: { b: 1, c: 3 } })).toBe(false);
  });

  it('look into lists of objects', () => {
    expect(matches({ detail: { items: { id: ['b'] } } }, { detail: { items: [{ id: 'a' }, { id: 'b' }] } })).toBe(true);
  });

  it.each([
    [{ detail: { x: [] } }, 'Empty arrays'],
    [{ detail: { x: [{ sounds: 'like' }] } }, 'Unrecognized match type sounds'],
    [{ detail: { x: [{ wildcard: 'a**b' }] } }, 'Consecutive wildcard'],
    [{ detail: { x: [{ numeric: ['~', 1] }] } }, 'numeric range operator'],
    [{ detail: { x: 'text' } }, 'is not an object'],
  ])('that are wrong are refused: %j', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message);
  });
});
