/**
 * The JSONata functions Step Functions adds (developer guide, "Transforming data with JSONata"), and the standard ones that
 * would draw on the process's own clock or dice.
 */
import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import type { World } from '../../../kernel/world.ts';

/** As States.ArrayRange: at most a thousand elements. */
const RANGE_LIMIT = 1000;
const ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

export function addAwsFunctions(expression: jsonata.Expression, world: World): void {
  expression.registerFunction('partition', partition, '<an:a>');
  expression.registerFunction('range', range, '<nnn:a<n>>');
  expression.registerFunction('hash', hash, '<ss:s>');
  expression.registerFunction('parse', parse, '<s:x>');
  expression.registerFunction('uuid', () => world.random.uuid(), '<:s>');
  expression.registerFunction('random', (seed?: number) => drawn(world, seed), '<n?:n>');
  expression.registerFunction('shuffle', (list?: readonly unknown[]) => shuffled(world, list), '<a:a>');
  expression.registerFunction('millis', () => world.time.now(), '<:n>');
  expression.registerFunction('now', (picture?: string, zone?: string) => instant(world.time.now(), picture, zone), '<s?s?:s>');
  // AWS: "$eval is not supported"; undefined, it fails as any name that is not a function.
  expression.assign('eval', undefined);
}

function partition(list: readonly unknown[] | undefined, size: number | undefined): unknown {
  if (list === undefined || size === undefined) return undefined;
  if (!Number.isInteger(size) || size < 1) throw new TypeError('the size of a $partition must be a positive integer');
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
}

function range(first: number | undefined, last: number | undefined, step: number | undefined): unknown {
  if (first === undefined || last === undefined || step === undefined) return undefined;
  if (![first, last, step].every(Number.isInteger) || step === 0)
    throw new TypeError('$range takes integers and a step other than 0');
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > RANGE_LIMIT) throw new RangeError(`$range makes at most ${RANGE_LIMIT} elements`);
  return Array.from({ length }, (_, index) => first + index * step);
}

function hash(text: string | undefined, algorithm: string | undefined): unknown {
  if (text === undefined || algorithm === undefined) return undefined;
  const name = ALGORITHMS[algorithm];
  if (name === undefined) throw new TypeError(`$hash knows ${Object.keys(ALGORITHMS).join(', ')}, not ${algorithm}`);
  return createHash(name).update(text).digest('hex');
}

function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}

function drawn(world: World, seed: number | undefined): number {
  return seed === undefined ? world.random.next() : seeded(seed);
}

/** AWS: the first double of java.util.Random with that seed (a 48-bit linear congruential generator). */
function seeded(seed: number): number {
  if (!Number.isInteger(seed)) throw new TypeError('the seed of $random must be an integer');
  const mask = (1n << 48n) - 1n;
  let state = (BigInt(seed) ^ 0x5deece66dn) & mask;
  const bits = (count: bigint) => {
    state = (state * 0x5deece66dn + 0xbn) & mask;
    return Number(state >> (48n - count));
  };
  return (bits(26n) * 2 ** 27 + bits(27n)) / 2 ** 53;
}

function shuffled(world: World, list: readonly unknown[] | undefined): unknown {
  if (list === undefined) return undefined;
  const keyed = list.map((value) => ({ value, key: world.random.next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

function instant(millis: number, picture: string | undefined, zone: string | undefined): unknown {
  return jsonata('$fromMillis($millis, $picture, $zone)').evaluate(undefined, { millis, picture, zone });
}
