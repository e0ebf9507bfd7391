import { expect, it } from 'vitest';
import { takeProperties } from '../../../local/kernel/properties.ts';
import type { DeclaredResource } from '../../../local/kernel/service.ts';

const queue = (properties: Record<string, unknown>): DeclaredResource => ({
  stack: 's',
  logicalId: 'Q',
  type: 'AWS::SQS::Queue',
  path: 's/Dead/Q',
  properties,
});

it('refuses a property nobody knows, by name, construct path and type', () => {
  expect(() => takeProperties(queue({ Name: 'q', FifoQueue: true }), ['Name'])).toThrow(
    's/Dead/Q (AWS::SQS::Queue): the local runtime does not have FifoQueue; it has Name',
  );
  expect(() => takeProperties(queue({ A: [{ X: 1 }, { Y: 1 }] }), ['A']).items('A', ['X'])).toThrow('does not have A.1.Y');
});

it('lets pass what is ignored with a reason', () => {
  expect(takeProperties(queue({ Name: 'q', Sse: {} }), ['Name'], { Sse: 'nothing is stored' }).text('Name')).toBe('q');
});

it('reads numbers and booleans as CloudFormation writes them, and names what is wrong', () => {
  const read = takeProperties(queue({ n: '30', b: 'false', t: 7, l: ['a'], o: { k: 'v' }, g: [{ Key: 'a', Value: 'b' }] }), [
    ...(['n', 'b', 't', 'l', 'o', 'g', 'x'] as const),
  ]);
  expect(read.getNumber('n')).toBe(30);
  expect(read.flag('b')).toBe(false);
  expect(read.getText('t')).toBe('7');
  expect(read.texts('l')).toEqual(['a']);
  expect(read.texts('x')).toEqual([]);
  expect(read.item('o', ['k'])?.getText('k')).toBe('v');
  expect(read.tags('g')).toEqual({ a: 'b' });
  expect(read.text('x')).toBeUndefined();
  expect(() => read.getText('x')).toThrow('property x is required and absent');
  expect(() => read.number('l')).toThrow('property l must be a number, is ["a"]');
  expect(() => read.item('n', [])).toThrow('property n must be an object, is "30"');
});
