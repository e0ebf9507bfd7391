/** The unchanged SDK against the service: shapes and error classes that adapters match on. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateRuleCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  InvalidTargetException,
  ModifyRuleCommand,
  PriorityInUseException,
  RegisterTargetsCommand,
  RuleNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Gateway } from '../../../local/gateway/gateway.ts';
import { createGatewayServer } from '../../../local/gateway/server.ts';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import type { World } from '../../../local/kernel/world.ts';
import { createCloudWatch } from '../../../local/services/cloudwatch/cloudwatch.ts';
import { setStage } from './stage.ts';
import type { Stage } from './stage.ts';

const ID = 'i-0000000000000001';

let time: VirtualClock;
let stage: Stage;
let elb: ElasticLoadBalancingV2Client;
let cloudwatch: CloudWatchClient;
let close: () => void;

beforeEach(async () => {
  time = new VirtualClock();
  stage = await setStage({ time });
  const account = { id: '111122223333', region: 'eu-central-1', partition: 'aws', zones: [], endpoint: '' };
  const world: World = { time, random: createRandom(1), trace: { add: () => undefined }, account };
  const services = [stage.elb, createCloudWatch({ world, events: { put: () => undefined } })];
  const server = createGatewayServer(new Gateway(world, services), () => time.now()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = { endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 };
  elb = new ElasticLoadBalancingV2Client(config);
  cloudwatch = new CloudWatchClient(config);
  close = () => {
    elb.destroy();
    cloudwatch.destroy();
    server.close();
    server.closeAllConnections();
  };
});

afterEach(() => close());

const rule = () => ({
  ListenerArn: stage.listener,
  Priority: 100,
  Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
  Actions: [
    {
      Type: 'forward' as const,
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: stage.blue, Weight: 999 },
          { TargetGroupArn: stage.green, Weight: 0 },
        ],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    },
  ],
});

it('rules are made and read back with their weights, 0 among them', async () => {
  const made = await elb.send(new CreateRuleCommand(rule()));
  const { Rules } = await elb.send(new DescribeRulesCommand({ ListenerArn: stage.listener }));
  expect(Rules).toMatchObject([
    { RuleArn: made.Rules![0]!.RuleArn, Priority: '100', IsDefault: false, Actions: rule().Actions },
    { IsDefault: true },
  ]);
  await expect(elb.send(new CreateRuleCommand(rule()))).rejects.toBeInstanceOf(PriorityInUseException);
  await expect(elb.send(new ModifyRuleCommand({ RuleArn: 'arn:none', Actions: rule().Actions }))).rejects.toBeInstanceOf(
    RuleNotFoundException,
  );
});

it('targets are refused with the class of AWS, and described with state and reason', async () => {
  await elb.send(new CreateRuleCommand(rule()));
  const register = new RegisterTargetsCommand({ TargetGroupArn: stage.blue, Targets: [{ Id: ID }] });
  await expect(elb.send(register)).rejects.toBeInstanceOf(InvalidTargetException);
  stage.launch(ID);
  await elb.send(register);
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: stage.blue }));
  expect(TargetHealthDescriptions).toMatchObject([
    {
      Target: { Id: ID, Port: 8080 },
      HealthCheckPort: '8080',
      TargetHealth: { State: 'initial', Reason: 'Elb.RegistrationInProgress' },
    },
  ]);
});

it('anomalies are told of by whoever asks for them', async () => {
  stage.launch('i-0aaaaaaaaaaaaaaaa');
  const Targets = [{ Id: 'i-0aaaaaaaaaaaaaaaa' }];
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: stage.blue, Targets }));
  const ask = async (Include?: 'AnomalyDetection'[]) =>
    (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: stage.blue, Targets, Include }))).TargetHealthDescriptions;
  expect(await ask(['AnomalyDetection'])).toMatchObject([
    { AnomalyDetection: { Result: 'normal', MitigationInEffect: 'no' }, TargetHealth: { State: 'unused' } },
  ]);
  expect((await ask())![0]).not.toHaveProperty('AnomalyDetection');
});

it('metrics go in and come out, with their times', async () => {
  const start = time.now();
  await cloudwatch.send(
    new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName: 'Orders', Values: [1, 5], Counts: [2, 1] }] }),
  );
  await time.advanceBy(180_000);
  const MetricStat = { Metric: { Namespace: 'Shop', MetricName: 'Orders' }, Period: 60, Stat: 'TC(1:)' };
  const range = { StartTime: new Date(start), EndTime: new Date(time.now()) };
  const answer = await cloudwatch.send(new GetMetricDataCommand({ ...range, MetricDataQueries: [{ Id: 'slow', MetricStat }] }));
  expect(answer.MetricDataResults).toMatchObject([
    { Id: 'slow', StatusCode: 'Complete', Timestamps: [new Date(start)], Values: [1] },
  ]);
  const math = new GetMetricDataCommand({ ...range, MetricDataQueries: [{ Id: 'm', Expression: 'a/b' }] });
  await expect(cloudwatch.send(math)).rejects.toMatchObject({ name: 'ValidationException' });
  expect((await cloudwatch.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
});
