import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Expressions } from '../../../local/services/states/language/expressions.ts';
import { Account } from './world.ts';
import type { Outcome } from './world.ts';

const pass = async (Output: unknown, input: unknown = {}, account = new Account()): Promise<Outcome> =>
  account.run({ Look: { Type: 'Pass', Output, End: true } }, input);
const value = async (source: string, input: unknown = {}, account?: Account): Promise<unknown> => {
  const outcome = await pass(`{% ${source} %}`, input, account);
  expect(outcome.cause).toBeUndefined();
  return outcome.output;
};

describe('a template', () => {
  it('evaluates expressions at any depth and leaves everything else as it is', async () => {
    const template = {
      a: ['{% $states.input.n %}', 'plain', 3, null, true],
      'b.$': '$.not.a.path',
      c: { d: '{%$states.input.n+1%}' },
    };
    expect((await pass(template, { n: 1 })).output).toEqual({
      a: [1, 'plain', 3, null, true],
      'b.$': '$.not.a.path',
      c: { d: 2 },
    });
  });

  it('does not take text with space outside the marks for an expression', async () => {
    expect((await pass({ x: ' {% 1 %}' })).output).toEqual({ x: ' {% 1 %}' });
  });

  it('keeps arrays of one apart from single values only where JSONata does', async () => {
    expect(await value('[$states.input.list[id = 2]]', { list: [{ id: 1 }, { id: 2 }] })).toEqual([{ id: 2 }]);
    expect(await value('$states.input.list[id = 2]', { list: [{ id: 1 }, { id: 2 }] })).toEqual({ id: 2 });
    expect(await value('$states.input.list[id > 0]', { list: [{ id: 1 }, { id: 2 }] })).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('leaves out the keys of an object expression whose value is undefined', async () => {
    expect(await value('{"a": $states.input.none, "b": 1}')).toEqual({ b: 1 });
  });
});

describe('States.QueryEvaluationError', () => {
  it('says which expression of which field gave nothing, and is in the history', async () => {
    const outcome = await pass({ deep: { er: '{% $states.input.nothing %}' } });
    const cause =
      "An error occurred while executing the state 'Look' (entered at the event id #2). " +
      "The JSONata expression '$states.input.nothing' specified for the field 'Output/deep/er' returned nothing (undefined).";
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError', cause });
    expect(outcome.events[2]).toMatchObject({
      type: 'EvaluationFailed',
      evaluationFailedEventDetails: { error: 'States.QueryEvaluationError', cause, location: 'Output/deep/er', state: 'Look' },
    });
  });

  it.each([
    ['a type error', '$length(5)', 'T0410'],
    ['$eval, which AWS does not have', "$eval('1')", 'T1006'],
    ['a result that is a function', 'function($x){ $x }', 'function'],
    ['a number JSON does not have', '1 / 0', 'out of range'],
    ['a recursion without end', '($f := function($n){ 1 + $f($n) }; $f(1))', 'D1011'],
  ])('comes of %s', async (_, source, word) => {
    const outcome = await pass(`{% ${source} %}`);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(outcome.cause).toContain(word);
  });
});

describe('the functions AWS adds to JSONata', () => {
  it('$partition cuts an array into pieces of a size', async () => {
    expect(await value('$partition([1,2,3,4,5], 2)')).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('$partition loses, repeats and moves nothing', async () => {
    const expressions = new Expressions(new Account().world);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), async (list, size) => {
        const pieces = (await expressions.evaluate('{% $partition($list, $size) %}', 'Output', { list, size })) as number[][];
        expect(pieces.flat()).toEqual(list);
        expect(pieces.slice(0, -1).every((piece) => piece.length === size)).toBe(true);
        expect((pieces.at(-1) ?? []).length).toBeLessThanOrEqual(size);
      }),
    );
  });

  it('$range counts with a step to and including the end, also downwards', async () => {
    expect(await value('$range(0, 10, 5)')).toEqual([0, 5, 10]);
    expect(await value('$range(3, 1, -1)')).toEqual([3, 2, 1]);
  });

  it('$range makes at most a thousand elements', async () => {
    expect(await value('$count($range(1, 1000, 1))')).toBe(1000);
    expect((await pass('{% $range(0, 1000, 1) %}')).cause).toContain('1000');
  });

  it.each([
    ['MD5', 'md5'],
    ['SHA-1', 'sha1'],
    ['SHA-256', 'sha256'],
    ['SHA-384', 'sha384'],
    ['SHA-512', 'sha512'],
  ])('$hash knows %s', async (name, node) => {
    expect(await value(`$hash('tandem', '${name}')`)).toBe(createHash(node).update('tandem').digest('hex'));
  });

  it('$parse reads JSON text', async () => {
    expect(await value('$parse($states.input.text).a[1]', { text: '{"a":[1,2]}' })).toBe(2);
  });

  it('$uuid and $random draw from the account’s seed; $random of a seed is that of java.util.Random', async () => {
    const source = '[$uuid(), $random(), $random(7), $random(7)]';
    const [uuid, number, seeded, again] = (await value(source)) as [string, number, number, number];
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(number).toBeGreaterThanOrEqual(0);
    expect(number).toBeLessThan(1);
    expect([seeded, again, await value('$random(42)')]).toEqual([seeded, seeded, 0.7275636800328681]);
    expect(await value(source)).toEqual([uuid, number, seeded, again]);
    expect(await value(source, {}, new Account(2))).not.toEqual([uuid, number, seeded, again]);
  });

  it('$now and $millis are the account’s time, and $shuffle its dice', async () => {
    expect(await value('[$now(), $now("[Y]"), $millis()]')).toEqual(['2030-01-01T00:00:00.000Z', '2030', Date.UTC(2030, 0, 1)]);
    const shuffled = (await value('$shuffle([1..9])')) as number[];
    expect(await value('$shuffle([1..9])')).toEqual(shuffled);
    expect(shuffled.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
