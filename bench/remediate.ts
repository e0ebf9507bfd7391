/**
 * From a node's end to its successor's launch call, on virtual time: states entered and functions called on the way, and
 * the milliseconds of our own code. The yardstick is the bare RunInstances call against the same emulated account.
 */
import { Readable } from 'node:stream';
import { DescribeImagesCommand, DescribeSubnetsCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { HttpResponse, type HttpRequest } from '@smithy/core/protocols';
import { askGateway } from '../local/runtime/http.ts';
import { Account } from '../test/scenarios/app/account.ts';
import { launched, untilSo } from '../test/scenarios/app/fleet.ts';
import { executions } from '../test/scenarios/app/left.ts';
import { median, type Bench, type Row } from './bench.ts';

const DEATHS = 5;
const LAUNCHES = 9;
/** Between two deaths, so that each is the first of its kind for a while. */
const PAUSE_MINUTES = 40;

interface Call {
  readonly name: string;
  readonly at: number;
  ms: number;
}

/** Every invocation of a function: its virtual instant, and what it took here, emulated AWS calls included. */
function watchCalls(account: Account): readonly Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { readonly call: Call; readonly begun: number }>();
  account.runtime.trace.subscribe(({ path, kind, data }) => {
    if (!path.startsWith('lambda/')) return;
    const requestId = String(data?.requestId);
    if (kind === 'invoke') {
      const call = { name: path.slice('lambda/'.length), at: account.now, ms: 0 };
      calls.push(call);
      open.set(requestId, { call, begun: performance.now() });
      return;
    }
    const found = open.get(requestId);
    if (found) found.call.ms = performance.now() - found.begun;
  });
  return calls;
}

interface HistoryEvent {
  readonly id: number;
  readonly previousEventId?: number;
  readonly type: string;
  readonly taskScheduledEventDetails?: { readonly resource: string };
}

/** States entered from the execution's start to its launch call, along that call's own branch. */
async function transitionsToLaunch(account: Account, executionArn: string): Promise<number> {
  const asked = { executionArn, maxResults: 1000 };
  const { events } = await account.call<{ events: readonly HistoryEvent[] }>('states:GetExecutionHistory', asked);
  let event = events.find((one) => one.taskScheduledEventDetails?.resource === 'runInstances');
  if (!event) throw new Error(`${executionArn} has launched nothing`);
  let entered = 0;
  for (; event; event = events.find(({ id }) => id === event?.previousEventId))
    if (event.type.endsWith('StateEntered')) entered += 1;
  return entered;
}

interface Death {
  readonly transitions: number;
  readonly callsToLaunch: number;
  readonly msToLaunch: number;
  readonly secondsToLaunch: number;
  readonly calls: number;
  readonly ms: number;
}

async function die(account: Account, calls: readonly Call[]): Promise<Death> {
  const victim = (await launched(account, 'shop', 'blue'))[0]?.instanceId;
  if (victim === undefined) throw new Error('there is no node left');
  let launchedAt = 0;
  const stop = account.runtime.trace.subscribe(({ path, kind }) => {
    if (path === 'ec2' && kind === 'instance pending') launchedAt ||= account.now;
  });
  const [since, first] = [account.now, calls.length];
  await account.strike(victim, { kind: 'power-off', console: `panic: bench ${String(since)}\n` });
  const mine = async () => (await executions(account, 'tandem-remediate')).filter(({ name }) => name.includes(victim));
  await untilSo(account, async () => launchedAt > 0);
  await account.advance(PAUSE_MINUTES);
  stop();
  const [execution] = await mine();
  if (execution?.status !== 'SUCCEEDED') throw new Error(`the remediation of ${victim} is ${execution?.status ?? 'not there'}`);
  const own = calls.slice(first).filter(({ name }) => /Door|Replacement|Evidence|ReleaseNode|RecordFault/i.test(name));
  const before = own.filter(({ at, name }) => at <= launchedAt && /Door/i.test(name)).slice(0, 1);
  const sum = (list: readonly Call[]) => list.reduce((total, { ms }) => total + ms, 0);
  return {
    transitions: await transitionsToLaunch(account, execution.executionArn),
    callsToLaunch: before.length,
    msToLaunch: sum(before),
    secondsToLaunch: (launchedAt - since) / 1000,
    calls: own.length,
    ms: sum(own),
  };
}

/** EC2's client as the functions have it: the SDK, and the account's own door for HTTP. */
function ec2Of(account: Account): EC2Client {
  const { world, gateway } = account.runtime.account;
  return new EC2Client({
    region: world.account.region,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler: {
      async handle({ method, path, headers, body }: HttpRequest) {
        const asked = { method, path, host: '', headers, body: Buffer.from(String(body)) };
        const { status: statusCode, headers: told, body: answer } = await askGateway(gateway, asked);
        return { response: new HttpResponse({ statusCode, headers: told, body: Readable.from([Buffer.from(answer)]) }) };
      },
    },
  });
}

/** What anybody would have to call, and nothing else. */
async function bareLaunch(account: Account): Promise<number> {
  const ec2 = ec2Of(account);
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const place = { ImageId: Images[0]?.ImageId, SubnetId: Subnets[0]?.SubnetId };
  const launch = new RunInstancesCommand({ ...place, MinCount: 1, MaxCount: 1, InstanceType: 't3.micro' });
  const times: number[] = [];
  for (let n = 0; n < LAUNCHES; n += 1) {
    const begun = performance.now();
    await ec2.send(launch);
    times.push(performance.now() - begun);
  }
  return median(times);
}

export const remediate: Bench = {
  name: 'remediate',
  summary: 'from the end of a node to the launch of its successor, on virtual time',
  yardstick: 'the bare RunInstances call of the same run',
  async run() {
    const account = await Account.open(['shop']);
    try {
      await account.users('shop', { perSecond: 4 });
      const { stage } = await account.released('shop', '1.0.0');
      if (stage !== 'stable') throw new Error(`the release the bench stands on is ${stage}`);
      await account.advance(1);
      const calls = watchCalls(account);
      const deaths: Death[] = [];
      for (let n = 0; n < DEATHS; n += 1) deaths.push(await die(account, calls));
      const bare = await bareLaunch(account);
      const middle = (pick: (death: Death) => number) => median(deaths.map(pick));
      const timed = (what: string, ms: number): Row => ({ what, value: `${ms.toFixed(1)} ms`, ratio: ms / bare });
      return [
        timed('RunInstances, bare', bare),
        {
          what: 'end of the node to the launch call, account time',
          value: `${middle((one) => one.secondsToLaunch).toFixed(1)} s`,
        },
        { what: 'functions called before the launch call', value: String(middle((one) => one.callsToLaunch)) },
        { what: 'states entered before the launch call', value: String(middle((one) => one.transitions)) },
        timed(
          'our code before the launch call (the door)',
          middle((one) => one.msToLaunch),
        ),
        { what: 'functions called by the whole remediation', value: String(middle((one) => one.calls)) },
        timed(
          'our code in the whole remediation',
          middle((one) => one.ms),
        ),
      ];
    } finally {
      await account.stop();
    }
  },
};
