import { afterEach, describe, expect, it, vi } from 'vitest';
import { readEnv } from '../../../lambdas/shared/env.ts';

afterEach(() => vi.unstubAllEnvs());

describe('readEnv', () => {
  it('reads exactly the named variables', () => {
    vi.stubEnv('TABLE', 'tandem');
    vi.stubEnv('OTHER', 'x');
    expect(readEnv(['TABLE'])).toEqual({ TABLE: 'tandem' });
  });

  it('names every variable that is missing', () => {
    vi.stubEnv('TABLE', '');
    expect(() => readEnv(['TABLE', 'STACK_TAG'])).toThrow('TABLE, STACK_TAG is not set');
  });
});
