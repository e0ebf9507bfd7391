/** Nobody who waits for one answer keeps the others waiting: AWS may not answer at all. */
import type { CaptureInput, CapturePorts } from './capture.ts';

/** Of one piece. Early ones are worth little when the node's minute is over; late ones may be large. */
const PIECE_MS = { early: 8_000, late: 40_000 } as const;
/** All of one call together: what is not there by then is asked for by the next. */
const CALL_MS = { early: 20_000, late: 45_000 } as const;
/** Even when the time is over, what answers at once is taken. */
const LEAST_MS = 1_000;

export type Answered<T> = { readonly kind: 'answered'; readonly value: T } | { readonly kind: 'late'; readonly why: string };

/** Waits for answers until the time of its call, or of the node, is over. */
export class Patience {
  private readonly ports: Pick<CapturePorts, 'clock' | 'pause'>;
  private readonly until: CaptureInput['until'];
  private readonly end: number;

  constructor(ports: Pick<CapturePorts, 'clock' | 'pause'>, { until, deadline }: Pick<CaptureInput, 'until' | 'deadline'>) {
    this.ports = ports;
    this.until = until;
    const callEnds = ports.clock.now() + CALL_MS[until];
    this.end = until === 'early' ? Math.min(deadline, callEnds) : callEnds;
  }

  /** Who is late goes on unheard: the signal tells him that nothing more is to be made. */
  async for<T>(work: (signal: AbortSignal) => Promise<T>): Promise<Answered<T>> {
    const { clock, pause } = this.ports;
    const ms = Math.max(LEAST_MS, Math.min(PIECE_MS[this.until], this.end - clock.now()));
    const late = { kind: 'late', why: `no answer within ${Math.round(ms / 1000)} s` } as const;
    const controller = new AbortController();
    const answered = work(controller.signal).then((value) => ({ kind: 'answered', value }) as const);
    const first = await Promise.race([answered, pause(ms).then(() => late)]);
    if (first.kind === 'late') controller.abort();
    return first;
  }
}
