/** Which of the guest's ports are reached at the instance's own address. */
import type { PortRange } from '../driver.ts';

export interface Forward {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** Each is a socket of QEMU's; a rule that lets in thousands of ports does not say which one is listened on. */
const MOST = 64;

export interface Forwards {
  readonly forwards: readonly Forward[];
  readonly leftOut: readonly PortRange[];
}

export function toForwards(ranges: readonly PortRange[]): Forwards {
  const narrowFirst = [...ranges].sort((a, b) => a.to - a.from - (b.to - b.from));
  const forwards = new Map<string, Forward>();
  const leftOut: PortRange[] = [];
  for (const range of narrowFirst) {
    const all = range.to - range.from < MOST ? portsOf(range) : [];
    const fresh = all.filter(({ protocol, port }) => !forwards.has(`${protocol}:${port}`));
    const fits = range.to - range.from < MOST && forwards.size + fresh.length <= MOST;
    if (fits) for (const forward of fresh) forwards.set(`${forward.protocol}:${forward.port}`, forward);
    else leftOut.push(range);
  }
  return { forwards: [...forwards.values()], leftOut };
}

const portsOf = ({ protocol, from, to }: PortRange): readonly Forward[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ protocol, port: from + index })).filter(
    ({ port }) => port > 0 && port < 65_536,
  );
