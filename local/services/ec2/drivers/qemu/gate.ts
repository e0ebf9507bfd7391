/**
 * A boot takes some CPU-seconds, and more boots at once than cores only make all of them late: so they wait in line.
 */
export interface Place {
  /** Ends the wait or the hold; twice is once. */
  leave(): void;
  /** When it is this one's turn; false when it left before. */
  readonly turn: Promise<boolean>;
}

interface Waiting {
  readonly resolve: (isTurn: boolean) => void;
  readonly moved: (position: number) => void;
}

export class BootGate {
  readonly #width: number;
  readonly #line: Waiting[] = [];
  #inside = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** `moved` is told the place in the line, 1 first, as often as it changes. */
  enter(moved: (position: number) => void): Place {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting: Waiting = { resolve, moved };
    let isInside = false;
    let hasLeft = false;
    const turn = promise.then((isTurn) => {
      isInside = isTurn && !hasLeft;
      // Left between its turn and this instant.
      if (isTurn && hasLeft) this.#next();
      return isInside;
    });
    if (this.#inside < this.#width) this.#admit(waiting);
    else {
      this.#line.push(waiting);
      moved(this.#line.length);
    }
    const leave = () => {
      if (hasLeft) return;
      hasLeft = true;
      if (isInside) this.#next();
      else this.#quit(waiting);
    };
    return { leave, turn };
  }

  #admit(waiting: Waiting): void {
    this.#inside += 1;
    waiting.resolve(true);
  }

  #next(): void {
    this.#inside -= 1;
    const first = this.#line.shift();
    if (first !== undefined) this.#admit(first);
    this.#tell(0);
  }

  #quit(waiting: Waiting): void {
    const at = this.#line.indexOf(waiting);
    if (at < 0) return;
    this.#line.splice(at, 1);
    waiting.resolve(false);
    this.#tell(at);
  }

  #tell(from: number): void {
    for (const [index, { moved }] of this.#line.entries()) if (index >= from) moved(index + 1);
  }
}
