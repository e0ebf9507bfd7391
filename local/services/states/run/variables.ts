import type { Json } from '../language/json.ts';

/**
 * Variables of one scope: the machine's own states, one branch, or one iteration. Inner scopes read outer variables; their own
 * end with them. (That no inner scope assigns an outer name is checked when the machine is declared.)
 */
export class Variables {
  readonly #outer: Variables | undefined;
  readonly #own = new Map<string, Json>();

  constructor(outer?: Variables) {
    this.#outer = outer;
  }

  inner(): Variables {
    return new Variables(this);
  }

  assign(values: Readonly<Record<string, Json>>): void {
    for (const [name, value] of Object.entries(values)) this.#own.set(name, value);
  }

  all(): Record<string, Json> {
    return { ...this.#outer?.all(), ...Object.fromEntries(this.#own) };
  }
}
