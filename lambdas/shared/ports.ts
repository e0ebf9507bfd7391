/** The ports a function needs, made on AWS from its environment. Functions only, so that a bundle holds what it uses. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { S3Client } from '@aws-sdk/client-s3';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CloudwatchMetrics } from '../../adapters/cloudwatch-metrics.ts';
import { DynamoFaults } from '../../adapters/dynamo-faults.ts';
import { DynamoHistories } from '../../adapters/dynamo-histories.ts';
import { DynamoItems } from '../../adapters/dynamo-items.ts';
import { DynamoJudgements } from '../../adapters/dynamo-judgements.ts';
import { DynamoKills } from '../../adapters/dynamo-kills.ts';
import { DynamoLedgers } from '../../adapters/dynamo-ledgers.ts';
import { DynamoRecords } from '../../adapters/dynamo-records.ts';
import { DynamoRefusals } from '../../adapters/dynamo-refusals.ts';
import { DynamoSlots } from '../../adapters/dynamo-slots.ts';
import { EbsDisks } from '../../adapters/ebs-disks.ts';
import { EbsSnapshots } from '../../adapters/ebs-snapshots.ts';
import { Ec2Checks } from '../../adapters/ec2-checks.ts';
import { Ec2Glance } from '../../adapters/ec2-glance.ts';
import { Ec2Images } from '../../adapters/ec2-images.ts';
import { Ec2Nodes } from '../../adapters/ec2-nodes.ts';
import { Ec2Quotas } from '../../adapters/ec2-quotas.ts';
import { Ec2Witness } from '../../adapters/ec2-witness.ts';
import { ElbGroups } from '../../adapters/elb-groups.ts';
import { ElbTraffic } from '../../adapters/elb-traffic.ts';
import { NodeHashing } from '../../adapters/node-hashing.ts';
import { pause } from '../../adapters/pause.ts';
import { S3AccessLog } from '../../adapters/s3-access-log.ts';
import { S3BlockDigests } from '../../adapters/s3-block-digests.ts';
import { S3Evidence } from '../../adapters/s3-evidence.ts';
import { S3ImageSource } from '../../adapters/s3-image-source.ts';
import { SfnExecutions } from '../../adapters/sfn-executions.ts';
import { SfnRemediations } from '../../adapters/sfn-remediations.ts';
import { SnsFaultNotices } from '../../adapters/sns-fault-notices.ts';
import { SnsNotices } from '../../adapters/sns-notices.ts';
import { SsmCatalog } from '../../adapters/ssm-catalog.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { parseService } from './service-schema.ts';

/** An answer that does not come within 10 seconds is asked for again; the SDK's own default is to wait for ever. */
const PATIENCE = {
  maxAttempts: 4,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/** For many large requests at once: a socket each for the puts and reads in flight. */
const SOCKETS = { keepAlive: true, maxSockets: 96 };
const BULK = {
  ...PATIENCE,
  requestHandler: { ...PATIENCE.requestHandler, requestTimeout: 15_000, httpAgent: SOCKETS, httpsAgent: SOCKETS },
};

export function storePorts(env: { readonly TABLE: string; readonly SERVICES_PATH: string }) {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(PATIENCE), { marshallOptions: { removeUndefinedValues: true } });
  const items = new DynamoItems(client, env.TABLE);
  return {
    faults: new DynamoFaults(items),
    histories: new DynamoHistories(items),
    judgements: new DynamoJudgements(items),
    kills: new DynamoKills(items),
    ledgers: new DynamoLedgers(items),
    records: new DynamoRecords(items),
    slots: new DynamoSlots(items),
    refusals: new DynamoRefusals(items),
    catalog: new SsmCatalog(new SSMClient(PATIENCE), env.SERVICES_PATH, parseService),
    clock: new SystemClock(),
  };
}

export function executionPorts(env: { readonly RELEASE_WORKFLOW: string; readonly ROLLBACK_WORKFLOW: string }) {
  const workflows = { release: env.RELEASE_WORKFLOW, rollback: env.ROLLBACK_WORKFLOW };
  return { executions: new SfnExecutions(new SFNClient(PATIENCE), workflows) };
}

export const noticePorts = (env: { readonly NOTICES_TOPIC: string }) => ({
  notices: new SnsNotices(new SNSClient(PATIENCE), env.NOTICES_TOPIC),
});

export const faultPorts = (env: { readonly NOTICES_TOPIC: string }) => ({
  faultNotices: new SnsFaultNotices(new SNSClient(PATIENCE), env.NOTICES_TOPIC),
});

/** The console is looked at before a successor is launched, or a release taken back: what is not there at once is done without. */
const GLANCE = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};

export const remediationPorts = (env: { readonly REMEDIATE_WORKFLOW: string; readonly STACK_TAG: string }) => ({
  remediations: new SfnRemediations(new SFNClient(PATIENCE), { workflow: env.REMEDIATE_WORKFLOW, stack: env.STACK_TAG }),
  glance: new Ec2Glance(new EC2Client(GLANCE)),
});

export const consolePorts = () => ({ consoles: new Ec2Glance(new EC2Client(GLANCE)) });

export const checkPorts = () => ({ checks: new Ec2Checks(new EC2Client(PATIENCE)) });

export const nodePorts = (env: { readonly STACK_TAG: string }) => ({
  nodes: new Ec2Nodes(new EC2Client(PATIENCE), env.STACK_TAG),
});

/** Asked once a release, whose start waits for it: an answer that does not come soon is done without. */
const HASTE = { ...PATIENCE, maxAttempts: 2, requestHandler: { ...PATIENCE.requestHandler, requestTimeout: 5_000 } };

export const quotaPorts = (env: { readonly STACK_TAG: string }) => ({
  quotas: new Ec2Quotas(new EC2Client(HASTE), new ServiceQuotasClient(HASTE), env.STACK_TAG),
});

export const groupPorts = () => ({ groups: new ElbGroups(new ElasticLoadBalancingV2Client(PATIENCE)) });

export const trafficPorts = (env: { readonly STACK_TAG: string }) => ({
  traffic: new ElbTraffic(new ElasticLoadBalancingV2Client(PATIENCE), env.STACK_TAG),
});

export const metricPorts = () => ({ metrics: new CloudwatchMetrics(new CloudWatchClient(PATIENCE)) });

export const sourcePorts = (env: { readonly IMAGES_BUCKET: string }) => ({
  source: new S3ImageSource(new S3Client(BULK), { bucket: env.IMAGES_BUCKET, pause }),
  hashing: new NodeHashing(),
});

export function imagePorts(env: { readonly STACK_TAG: string }) {
  const ec2 = new EC2Client(PATIENCE);
  const options = { stack: env.STACK_TAG, pause };
  // Thousands of calls of one kind: what each goes through is put together once.
  const ebs = new EBSClient({ ...BULK, cacheMiddleware: true });
  return { snapshots: new EbsSnapshots(ebs, ec2, options), images: new Ec2Images(ec2, env.STACK_TAG) };
}

export const digestPorts = (env: { readonly WORK_BUCKET: string }) => ({
  digests: new S3BlockDigests(new S3Client(BULK), env.WORK_BUCKET),
});

/** Taken within a minute of a node's failure, or not at all: no call may use up the time of the others. */
const PROMPT = { ...PATIENCE, maxAttempts: 2, requestHandler: { ...PATIENCE.requestHandler, requestTimeout: 5_000 } };

export const evidenceStore = (env: { readonly WORK_BUCKET: string }) => ({
  evidence: new S3Evidence(new S3Client(PROMPT), env.WORK_BUCKET),
});

export function evidencePorts(env: { readonly STACK_TAG: string; readonly WORK_BUCKET: string; readonly SERVICES_PATH: string }) {
  const ec2 = new EC2Client(PROMPT);
  const s3 = new S3Client(PROMPT);
  const ebs = new EBSClient(PROMPT);
  return {
    witness: new Ec2Witness(ec2, new ElasticLoadBalancingV2Client(PROMPT), env.STACK_TAG),
    disks: new EbsDisks(ebs, new EbsSnapshots(ebs, ec2, { stack: env.STACK_TAG, pause })),
    evidence: new S3Evidence(s3, env.WORK_BUCKET),
    accessLog: new S3AccessLog(s3),
    metrics: new CloudwatchMetrics(new CloudWatchClient(PROMPT)),
    catalog: new SsmCatalog(new SSMClient(PROMPT), env.SERVICES_PATH, parseService),
    hashing: new NodeHashing(),
    clock: new SystemClock(),
    pause,
  };
}
