/** The demo's AWS clients. It talks to the account only as any user could: over AWS's protocols. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface ControlPlane {
  readonly stack: string;
  readonly table: string;
  readonly imagesBucket: string;
  readonly releaseWorkflow: string;
  readonly rollbackWorkflow: string;
  readonly orderFunction: string;
}

export interface Account {
  readonly s3: S3Client;
  readonly ec2: EC2Client;
  readonly cloudwatch: CloudWatchClient;
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
  readonly table: DynamoDBDocumentClient;
  readonly controlPlane: ControlPlane;
  /** Where users of the service connect, `http://address:port`. */
  readonly url: string;
}

function readText(value: object, field: string): string {
  const text: unknown = new Map<string, unknown>(Object.entries(value)).get(field);
  if (typeof text !== 'string') throw new Error(`/tandem/control-plane has no "${field}"`);
  return text;
}

function readControlPlane(json: string): ControlPlane {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) throw new Error('/tandem/control-plane is no JSON object');
  return {
    stack: readText(value, 'stack'),
    table: readText(value, 'table'),
    imagesBucket: readText(value, 'imagesBucket'),
    releaseWorkflow: readText(value, 'releaseWorkflow'),
    rollbackWorkflow: readText(value, 'rollbackWorkflow'),
    orderFunction: readText(value, 'orderFunction'),
  };
}

/** The port is asked for: without root's rights the local load balancer cannot listen on the declared port 80. */
async function usersUrl(elb: ElasticLoadBalancingV2Client): Promise<string> {
  const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
  const [balancer] = LoadBalancers ?? [];
  if (!balancer?.DNSName) throw new Error('the account has no load balancer: did the service stack start?');
  const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: balancer.LoadBalancerArn }));
  const port = Listeners?.[0]?.Port;
  if (port === undefined) throw new Error(`the load balancer ${balancer.DNSName} has no listener`);
  return `http://${balancer.DNSName}:${port}`;
}

export async function openAccount(endpoint: string, region: string): Promise<Account> {
  const config = { endpoint, region, credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' } };
  const ssm = new SSMClient(config);
  const parameter = await ssm.send(new GetParameterCommand({ Name: '/tandem/control-plane' }));
  const elb = new ElasticLoadBalancingV2Client(config);
  return {
    s3: new S3Client({ ...config, forcePathStyle: true }),
    ec2: new EC2Client(config),
    cloudwatch: new CloudWatchClient(config),
    lambda: new LambdaClient(config),
    sfn: new SFNClient(config),
    table: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
    controlPlane: readControlPlane(parameter.Parameter?.Value ?? '{}'),
    url: await usersUrl(elb),
  };
}
