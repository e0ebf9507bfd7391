import { describe, expect, it } from 'vitest';
import { attribute, type Cause } from '../../../core/judgement/attribute.ts';
import type { Cell } from '../../../core/judgement/judgement.ts';

const NAMES: Readonly<Record<string, Cell>> = { Ln: 'newLinux', Lo: 'oldLinux', Un: 'newUnikernel', Uo: 'oldUnikernel' };

/** `Ln+` is bad, `Ln-` is fine, what is not named has no requests. */
const cells = (text: string) =>
  Object.fromEntries(
    text.split(' ').map((one) => [NAMES[one.slice(0, 2)]!, { events: one.endsWith('+') ? 50 : 1, exposure: 1000 }]),
  );

describe('whose fault it is', () => {
  it.each<[string, Cause | undefined]>([
    ['Ln+ Lo- Uo-', 'code'],
    ['Ln+ Lo- Un+ Uo-', 'code'],
    ['Ln+', 'code'],
    ['Un+ Ln+', 'code'],
    ['Ln- Lo- Un+ Uo-', 'platform'],
    ['Un+ Uo-', 'code'],
    ['Ln- Lo- Un+ Uo+', 'platform'],
    ['Ln+ Lo+ Uo-', 'instrumentation'],
    ['Ln+ Lo+ Un- Uo-', 'instrumentation'],
    ['Ln+ Lo- Un- Uo-', 'instrumentation'],
    ['Ln+ Lo+ Un+ Uo+', 'environment'],
    ['Ln+ Lo+ Uo+', 'environment'],
    ['Un+ Uo+', 'environment'],
    ['Ln+ Lo+ Un- Uo+', 'environment'],
    ['Ln- Lo- Un- Uo-', undefined],
  ])('%s: %s', (given, cause) => {
    expect(attribute(cells(given), 0.01)?.cause).toBe(cause);
  });

  it('is told with the rate of every cell that has one', () => {
    expect(attribute(cells('Ln+ Lo- Uo-'), 0.01)?.why).toBe('new Linux 5.0 %, old Linux 0.1 %, old unikernel 0.1 %');
  });

  it('is not told by a cell next to nobody asked', () => {
    const few = { events: 9, exposure: 9 };
    expect(attribute({ ...cells('Ln+ Lo-'), oldUnikernel: few }, 0.01)?.cause).toBe('code');
    expect(attribute({ newLinux: few }, 0.01)).toBeUndefined();
  });
});
