import { describe, expect, it } from 'vitest';
import { toText } from './policy.ts';
import { ofType, serviceFile, stacks, templates } from './synth.ts';
import type { Template } from 'aws-cdk-lib/assertions';

const properties = (template: Template, type: string) => ofType(template, type).map(({ Properties }) => Properties);
const ELB = 'AWS::ElasticLoadBalancingV2';

describe('a service that speaks http', () => {
  const { service } = templates({ health: { path: '/up', deadlineSeconds: 60 }, drainSeconds: 45 });

  it('answers 503 by itself: no update of its stack can send users anywhere', () => {
    const [listener] = properties(service, `${ELB}::Listener`);
    expect(listener).toMatchObject({
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
      Port: 80,
    });
  });

  it('keeps all five groups in use by a rule nobody asks for, which the control plane may not touch', () => {
    const [anchor] = properties(service, `${ELB}::ListenerRule`);
    const [action] = anchor!['Actions'] as { ForwardConfig: { TargetGroups: unknown[] } }[];
    expect(action!.ForwardConfig.TargetGroups).toHaveLength(5);
    expect(anchor).toMatchObject({ Priority: 50_000, Conditions: [{ Field: 'host-header' }, { Field: 'path-pattern' }] });
    expect(JSON.stringify(anchor!['Tags'])).not.toContain('tandem:stack');
  });

  it('checks health and drains as its file says, without stickiness', () => {
    for (const group of properties(service, `${ELB}::TargetGroup`)) {
      expect(group).toMatchObject({ HealthCheckPath: '/up', HealthCheckIntervalSeconds: 5, Port: 8080, TargetType: 'instance' });
      expect(group['TargetGroupAttributes']).toEqual([
        { Key: 'deregistration_delay.timeout_seconds', Value: '45' },
        { Key: 'stickiness.enabled', Value: 'false' },
      ]);
    }
    expect(properties(service, `${ELB}::TargetGroup`)).toHaveLength(5);
  });

  it('launches nodes with IMDSv2, an encrypted disk, no key pair, and stopped by their own power-off', () => {
    const templatesMade = properties(service, 'AWS::EC2::LaunchTemplate').map(
      (made) => made['LaunchTemplateData'] as Record<string, unknown>,
    );
    expect(templatesMade).toHaveLength(2);
    for (const data of templatesMade) {
      expect(data).toMatchObject({
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        InstanceInitiatedShutdownBehavior: 'stop',
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
      });
      expect(data['KeyName']).toBeUndefined();
    }
  });

  it('gives each node a blank data volume that goes with it, where its file says so', () => {
    const mappingsOf = (file: object) =>
      properties(templates(file).service, 'AWS::EC2::LaunchTemplate').map(
        (made) => (made['LaunchTemplateData'] as { BlockDeviceMappings: object[] }).BlockDeviceMappings,
      );
    const Ebs = { Encrypted: true, VolumeType: 'gp3', DeleteOnTermination: true };
    const root = { DeviceName: '/dev/xvda', Ebs };
    const both = [root, { DeviceName: '/dev/sdf', Ebs: { ...Ebs, VolumeSize: 20 } }];
    expect(mappingsOf({ dataVolumeGiB: 20 })).toEqual([both, both]);
    expect(mappingsOf({})).toEqual([[root], [root]]);
  });

  it('tells local runtimes, and nobody else, which devices the images know', () => {
    const tagsOf = (file: object) =>
      properties(templates(file).service, 'AWS::EC2::LaunchTemplate').map((made) =>
        (made['TagSpecifications'] as { Tags: { Key: string; Value: string }[] }[])
          .flatMap(({ Tags }) => Tags)
          .flatMap(({ Key, Value }) => (Key.startsWith('local:') ? [`${Key}=${Value}`] : [])),
      );
    const hints = ['local:disk=ide', 'local:memoryMiB=256'];
    expect(tagsOf({ local: { disk: 'ide', memoryMiB: 256 } })).toEqual([hints, hints]);
    expect(tagsOf({})).toEqual([[], []]);
  });

  it('gives an instance profile to Linux nodes and none to unikernels', () => {
    const bearing = properties(service, 'AWS::EC2::LaunchTemplate').map(
      (made) => 'IamInstanceProfile' in (made['LaunchTemplateData'] as object),
    );
    expect(bearing).toEqual([true, false]);
  });

  it('makes a VPC without NAT, with gateways to S3 and DynamoDB', () => {
    expect(ofType(service, 'AWS::EC2::NatGateway')).toEqual([]);
    expect(ofType(service, 'AWS::EC2::InternetGateway')).toEqual([]);
    expect(properties(service, 'AWS::EC2::VPCEndpoint')).toHaveLength(2);
  });

  it('lets users in from the VPC only, and into nodes the load balancer and the prober only', () => {
    const [balancer] = properties(service, 'AWS::EC2::SecurityGroup').filter(({ GroupDescription }) =>
      String(GroupDescription).startsWith('Load'),
    );
    expect(balancer!['SecurityGroupIngress']).toMatchObject([
      { FromPort: 80, ToPort: 80, CidrIp: { 'Fn::GetAtt': [expect.any(String), 'CidrBlock'] } },
    ]);
    const into = properties(service, 'AWS::EC2::SecurityGroupIngress');
    expect(into.map(({ FromPort, Description }) => [FromPort, Description])).toEqual([
      [8080, 'requests'],
      [8080, 'probes'],
    ]);
  });

  it('hands its facts over in one parameter', () => {
    const [facts] = properties(service, 'AWS::SSM::Parameter');
    expect(facts).toMatchObject({ Name: '/tandem/services/web', Tier: 'Intelligent-Tiering' });
    const value = JSON.parse(toText(facts!['Value'])) as { file: unknown; resources: Record<string, object> };
    expect(value.file).toEqual(serviceFile({ health: { path: '/up', deadlineSeconds: 60 }, drainSeconds: 45 }));
    expect(Object.keys(value.resources)).toEqual([
      'launchTemplates',
      'subnets',
      'listener',
      'targetGroups',
      'metrics',
      'accessLog',
      'prober',
      'nodeRole',
    ]);
    expect(value.resources['subnets']).toHaveLength(2);
  });

  it('alarms on unhealthy nodes of each group', () => {
    expect(properties(service, 'AWS::CloudWatch::Alarm').map(({ MetricName }) => MetricName)).toEqual(
      Array(5).fill('UnHealthyHostCount'),
    );
  });

  it('writes its access log to the control plane’s bucket', () => {
    const [balancer] = properties(service, `${ELB}::LoadBalancer`);
    expect(balancer!['LoadBalancerAttributes']).toContainEqual({ Key: 'access_logs.s3.enabled', Value: 'true' });
  });

  it('tags what the control plane may touch', () => {
    for (const type of [`${ELB}::TargetGroup`, `${ELB}::Listener`, 'AWS::EC2::SecurityGroup']) {
      for (const one of properties(service, type)) expect(one['Tags']).toContainEqual({ Key: 'tandem:stack', Value: 'tandem' });
    }
    for (const one of properties(service, 'AWS::EC2::LaunchTemplate')) {
      expect(JSON.stringify(one['TagSpecifications'])).toContain('"Key":"tandem:stack","Value":"tandem"');
    }
  });
});

describe('a service that differs', () => {
  it('by tcp gets an NLB that forwards by default, and no prober', () => {
    const { service } = templates({ protocol: 'tcp', port: 5432, probes: [] });
    expect(properties(service, `${ELB}::LoadBalancer`)).toMatchObject([{ Type: 'network' }]);
    expect(properties(service, `${ELB}::Listener`)).toMatchObject([
      { Protocol: 'TCP', Port: 5432, DefaultActions: [{ Type: 'forward' }] },
    ]);
    expect(ofType(service, `${ELB}::ListenerRule`)).toEqual([]);
    expect(ofType(service, 'AWS::Lambda::Function')).toEqual([]);
  });

  it('by udp is checked by tcp', () => {
    const { service } = templates({ protocol: 'udp', probes: [] });
    expect(properties(service, `${ELB}::TargetGroup`)[0]).toMatchObject({ Protocol: 'UDP', HealthCheckProtocol: 'TCP' });
  });

  it('by a certificate listens on 443 with TLS 1.2 or newer', () => {
    const { service } = templates({ certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' });
    expect(properties(service, `${ELB}::Listener`)).toMatchObject([
      { Protocol: 'HTTPS', Port: 443, SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' },
    ]);
  });

  it('by facing the internet gets public subnets for its load balancer, and its nodes stay private', () => {
    const { service } = templates({ internetFacing: true, allowFrom: ['203.0.113.0/24'] });
    expect(properties(service, `${ELB}::LoadBalancer`)).toMatchObject([{ Scheme: 'internet-facing' }]);
    const facts = toText(properties(service, 'AWS::SSM::Parameter')[0]!['Value']);
    expect(facts).toContain('nodesSubnet');
    expect(facts).not.toContain('entrySubnet');
  });

  it('by nodes that publish tells them what and how, and gives them a way to CloudWatch and to nothing else of it', () => {
    const { service } = templates({ port: 9000, nodeMetrics: { namespace: 'Web/Nodes', errors: 'Failures' } });
    const [linux, unikernel] = properties(service, 'AWS::EC2::LaunchTemplate').map(
      (made) => (made['LaunchTemplateData'] as { UserData?: unknown }).UserData,
    );
    expect(JSON.parse(toText((linux as { 'Fn::Base64': unknown })['Fn::Base64']))).toMatchObject({
      tandem: {
        service: 'web',
        nodeMetrics: {
          ...{ namespace: 'Web/Nodes', requests: 'Requests', errors: 'Failures', memory: 'MemoryBytes' },
          ...{ dimension: 'InstanceId', port: 9000 },
        },
      },
    });
    expect(unikernel).toBeUndefined();
    const endpoints = properties(service, 'AWS::EC2::VPCEndpoint').filter((one) => one['VpcEndpointType'] === 'Interface');
    expect(endpoints).toMatchObject([
      {
        ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.monitoring']] },
        PrivateDnsEnabled: true,
        SubnetIds: [expect.anything()],
        PolicyDocument: { Statement: [{ Action: 'cloudwatch:PutMetricData', Effect: 'Allow' }] },
      },
    ]);
    const into = properties(service, 'AWS::EC2::SecurityGroupIngress').filter(({ ToPort }) => ToPort === 443);
    expect(into).toMatchObject([
      { Description: 'counts of nodes', FromPort: 443, SourceSecurityGroupId: expect.anything() as unknown },
    ]);
  });

  it('by a file too large for its parameter fails synth', () => {
    const probes = Array.from({ length: 20 }, (_, n) => ({ path: `/${'x'.repeat(400)}${n}` }));
    const { app } = stacks(serviceFile({ probes }));
    expect(() => app.synth()).toThrow(/allowed are 6000/);
  });
});
