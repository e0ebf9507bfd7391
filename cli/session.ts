/** The `aws` commands that work against a running local account, with its real names in them. */
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { openAccount, type ClientConfig } from './account.ts';

export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** Where users of the first service connect, if there is one. */
async function findServiceUrl(config: ClientConfig): Promise<string | undefined> {
  const elb = new ElasticLoadBalancingV2Client(config);
  const [first] = (await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers ?? [];
  if (!first?.LoadBalancerArn) return undefined;
  const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: first.LoadBalancerArn }));
  return `http://${first.DNSName ?? ''}:${Listeners?.[0]?.Port ?? 80}/`;
}

export async function sessionCommands(endpoint: string, region: string): Promise<readonly string[]> {
  const config = { endpoint, region, credentials: CREDENTIALS };
  const { controlPlane } = await openAccount(config);
  const url = await findServiceUrl(config);
  const image = (name: string) => `  aws s3 cp /tmp/hello/${name} s3://${controlPlane.imagesBucket}/hello/2.0.0/${name}`;
  return [
    'In another terminal:',
    '',
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    `  export AWS_ACCESS_KEY_ID=${CREDENTIALS.accessKeyId} AWS_SECRET_ACCESS_KEY=${CREDENTIALS.secretAccessKey}`,
    '  npm run example -- 2.0.0 /tmp/hello',
    image('linux.raw'),
    image('unikernel.raw'),
    `  aws stepfunctions list-executions --state-machine-arn ${controlPlane.releaseWorkflow}`,
    `  aws stepfunctions describe-execution --execution-arn ${controlPlane.releaseWorkflow.replace(':stateMachine:', ':execution:')}:release-hello-2.0.0-1`,
    '  aws ec2 describe-instances --filters Name=tag:tandem:service,Values=hello',
    '  for group in $(aws elbv2 describe-target-groups --query "TargetGroups[].TargetGroupArn" --output text); do',
    '    aws elbv2 describe-target-health --target-group-arn $group',
    '  done',
    `  aws dynamodb scan --table-name ${controlPlane.table}`,
    ...(url === undefined ? [] : [`  while sleep 0.1; do curl -s ${url}; done      # a release without traffic gets no verdict`]),
    '  npm run tandem -- status hello 2.0.0',
    '',
    'Ctrl-C ends it.',
  ];
}
