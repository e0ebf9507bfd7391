import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { fenceMoved } from '../../../core/errors.ts';
import { answer, contract, stepInput } from '../../../lambdas/shared/contract.ts';
import { entry } from '../../../lambdas/shared/entry.ts';

const greet = contract({
  name: 'greet',
  env: [],
  input: stepInput.extend({ phase: z.enum(['canary', 'debut']) }),
  output: z.discriminatedUnion('kind', [answer('greeted')]),
});
const input = { service: 'hello', version: '1.0.0', fence: 3, at: '2026-11-24T03:00:00.000Z', phase: 'canary' };
const greeting = (why: string) => Promise.resolve({ kind: 'greeted' as const, why });
const context = { awsRequestId: 'request-1' };

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)));
});
afterEach(() => vi.restoreAllMocks());
const logged = (): unknown => JSON.parse(lines[0] ?? '{}');

describe('entry', () => {
  it('hands the parsed input on and gives the answer back', async () => {
    const door = entry(greet, ({ service, at }) => greeting(`${service} at ${at}`));
    expect(await door(input, context)).toEqual({ kind: 'greeted', why: `hello at ${Date.parse(input.at)}` });
  });

  it('refuses an input that does not fit, by path, with what was found and what is allowed', async () => {
    const door = entry(greet, () => greeting(''));
    await expect(door({ ...input, phase: 'launch', fence: undefined }, context)).rejects.toMatchObject({
      name: 'InputInvalid',
      message: expect.stringMatching(
        /input of greet.*fence: found nothing;.*phase: found "launch";.*"canary"\|"debut"/s,
      ) as string,
    });
  });

  it('does not run anything on an input that does not fit', async () => {
    const run = vi.fn();
    await expect(entry(greet, run)({ ...input, extra: 1 }, context)).rejects.toMatchObject({ name: 'InputInvalid' });
    expect(run).not.toHaveBeenCalled();
  });

  it('lets a domain failure through under its own name, for the workflow to match', async () => {
    const door = entry(greet, () => Promise.reject(fenceMoved('hello@1.0.0', 3, 4)));
    await expect(door(input, context)).rejects.toMatchObject({ name: 'FenceMoved' });
  });

  it('takes an answer outside the contract for a mistake of ours', async () => {
    const wrong = { kind: 'gone' as 'greeted', why: '' };
    await expect(entry(greet, () => Promise.resolve(wrong))(input, context)).rejects.toBeInstanceOf(TypeError);
  });

  it('logs one line: function, request, what it was about, how it ended', async () => {
    await entry(greet, () => greeting('hello'))(input, context);
    expect(lines).toHaveLength(1);
    expect(logged()).toEqual({
      function: 'greet',
      requestId: 'request-1',
      ms: expect.any(Number) as number,
      about: { service: 'hello', version: '1.0.0', fence: 3, phase: 'canary' },
      kind: 'greeted',
      why: 'hello',
    });
  });

  it('logs a failure with its name, and never the payload', async () => {
    const door = entry(greet, () => Promise.reject(fenceMoved('hello@1.0.0', 3, 4)));
    await expect(door({ ...input, service: 'hello' }, context)).rejects.toThrow();
    expect(logged()).toMatchObject({ function: 'greet', error: 'FenceMoved', about: { service: 'hello' } });
    expect(lines[0]).not.toContain('2026-11-24T03:00');
  });
});
