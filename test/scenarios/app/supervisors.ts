/** The supervisors of a service's Linux nodes: every minute each tells CloudWatch what its node has answered users in it. */
import type { Account } from './account.ts';
import { MINUTE_MS } from './opened-account.ts';

/** The minute is over, and what was answered in it is told. */
const AFTER_MS = 2000;

interface Counts {
  requests: number;
  errors: number;
}

interface Described {
  readonly Reservations: readonly {
    readonly Instances: readonly { readonly InstanceId: string; readonly PrivateIpAddress: string }[];
  }[];
}

export class Supervisors {
  readonly #account: Account;
  readonly #service: string;
  readonly #namespace: string;
  /** By address, of the minute that runs. */
  #counts = new Map<string, Counts>();

  constructor(account: Account, service: string, namespace: string) {
    [this.#account, this.#service, this.#namespace] = [account, service, namespace];
    this.#watch();
    this.#wait();
  }

  /** Users ask for `/`; health checks do not. */
  #watch(): void {
    const network = this.#account.runtime.composed.network!;
    const request = network.request.bind(network);
    network.request = (address, path) => {
      const answer = request(address, path);
      if (path === '/' && answer.kind === 'answered') this.#count(address, answer.status);
      return answer;
    };
  }

  #count(address: string, status: number): void {
    const { requests, errors } = this.#counts.get(address) ?? { requests: 0, errors: 0 };
    this.#counts.set(address, { requests: requests + 1, errors: errors + (status >= 500 ? 1 : 0) });
  }

  #wait(): void {
    const { clock } = this.#account.runtime;
    const minute = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
    clock.at(minute + MINUTE_MS, 'supervisors close a minute', () => {
      const counts = this.#counts;
      this.#counts = new Map();
      clock.after(AFTER_MS, 'supervisors publish', () => this.#publish(minute, counts));
      this.#wait();
    });
  }

  async #publish(minute: number, counts: ReadonlyMap<string, Counts>): Promise<void> {
    const Filters = [
      { Name: 'tag:tandem:service', Values: [this.#service] },
      { Name: 'tag:tandem:build', Values: ['linux'] },
      { Name: 'instance-state-name', Values: ['running'] },
    ];
    const { Reservations } = await this.#account.call<Described>('ec2:DescribeInstances', { Filters });
    const MetricData = Reservations.flatMap(({ Instances }) => Instances).flatMap(({ InstanceId, PrivateIpAddress }) => {
      const { requests, errors } = counts.get(PrivateIpAddress) ?? { requests: 0, errors: 0 };
      const of = { Timestamp: new Date(minute), Dimensions: [{ Name: 'InstanceId', Value: InstanceId }] };
      return [
        { MetricName: 'Requests', Value: requests, ...of },
        { MetricName: 'Errors', Value: errors, ...of },
      ];
    });
    if (MetricData.length > 0) await this.#account.call('monitoring:PutMetricData', { Namespace: this.#namespace, MetricData });
  }
}
