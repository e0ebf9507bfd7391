/** User traffic: a steady stream of requests through the load balancer, counted by who answered. */
import { Agent, request } from 'node:http';

export interface Tally {
  sent: number;
  failed: number;
}

export interface Answer {
  readonly at: number;
  readonly version: string;
  readonly build: string;
  readonly ok: boolean;
}

/** Answers that came from no node: the load balancer's own 502, 503, 504, and broken connections. */
export const NOBODY = 'load balancer';

export class Traffic {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });
  private readonly url: string;
  private readonly perSecond: number;
  private timer: NodeJS.Timeout | undefined;
  private readonly pending = new Set<Promise<void>>();
  private seen: Answer[] = [];

  constructor(url: string, perSecond: number) {
    this.url = url;
    this.perSecond = perSecond;
  }

  start(): void {
    const everyMs = 20;
    let owed = 0;
    this.timer = setInterval(() => {
      owed += (this.perSecond * everyMs) / 1000;
      for (; owed >= 1; owed -= 1) this.track(this.one());
    }, everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.pending);
    this.agent.destroy();
  }

  /** Answers since `from` (wall clock, milliseconds). */
  since(from: number): readonly Answer[] {
    return this.seen.filter((answer) => answer.at >= from);
  }

  private track(work: Promise<void>): void {
    this.pending.add(work);
    void work.finally(() => this.pending.delete(work));
  }

  private one(): Promise<void> {
    const at = Date.now();
    return new Promise((resolve) => {
      const done = (answer: Omit<Answer, 'at'>) => {
        this.seen.push({ at, ...answer });
        resolve();
      };
      const broken = () => done({ version: NOBODY, build: '', ok: false });
      const call = request(this.url, { agent: this.agent, timeout: 5000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', broken);
        response.on('end', () => done(read(Buffer.concat(chunks).toString('utf8'), response.statusCode ?? 0)));
      });
      call.on('timeout', () => call.destroy(new Error('no answer in 5 s')));
      call.on('error', broken);
      call.end();
    });
  }
}

function read(body: string, status: number): Omit<Answer, 'at'> {
  const found = /"version":"([^"]+)","build":"([^"]+)"/.exec(body);
  return { version: found?.[1] ?? NOBODY, build: found?.[2] ?? '', ok: status >= 200 && status < 400 };
}

/** Requests per release and build, `1.1.0 unikernel` → tally. */
export function tallies(answers: readonly Answer[]): ReadonlyMap<string, Tally> {
  const counts = new Map<string, Tally>();
  for (const answer of answers) {
    const key = `${answer.version} ${answer.build}`.trim();
    const tally = counts.get(key) ?? { sent: 0, failed: 0 };
    tally.sent += 1;
    if (!answer.ok) tally.failed += 1;
    counts.set(key, tally);
  }
  return counts;
}
