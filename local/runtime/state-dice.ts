import { createHash } from 'node:crypto';
import { createRandom } from '../kernel/random.ts';
import type { Random } from '../kernel/world.ts';

/** Dice that follow from a text. */
export const diceOf = (text: string): Random => createRandom(createHash('sha256').update(text).digest().readInt32BE());

/** The account's dice, and while a resource is made, the resource's own. */
export class NamingDice implements Random {
  readonly #account: Random;
  #current: Random;

  constructor(account: Random) {
    this.#account = account;
    this.#current = account;
  }

  async during<T>(place: string, run: () => Promise<T>): Promise<T> {
    this.#current = diceOf(place);
    try {
      return await run();
    } finally {
      this.#current = this.#account;
    }
  }

  next(): number {
    return this.#current.next();
  }

  below(below: number): number {
    return this.#current.below(below);
  }

  hex(length: number): string {
    return this.#current.hex(length);
  }

  uuid(): string {
    return this.#current.uuid();
  }
}
