import validate from 'asl-validator';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { toText } from './policy.ts';
import { ofType, resourcesOf, serviceFile, stacks, templates } from './synth.ts';

const { controlPlane, service } = templates();
const properties = (type: string) => ofType(controlPlane, type).map(({ Properties }) => Properties);

describe('the control plane', () => {
  it('has no custom resources, and neither has a service', () => {
    for (const template of [controlPlane, service]) {
      const types = Object.values(resourcesOf(template)).map(({ Type }) => Type);
      expect(types.filter((type) => /^Custom::|CustomResource/.test(type))).toEqual([]);
    }
  });

  it('looks nothing up', () => {
    const { app } = stacks(serviceFile());
    expect(app.synth().manifest.missing).toBeUndefined();
  });

  it('is the same for disk and bundle services, for many and for none', () => {
    const ofBundle = templates({ imageFormat: 'bundle', localOnly: true, protocol: 'tcp', probes: [] });
    expect(withoutExports(ofBundle.controlPlane)).toEqual(withoutExports(controlPlane));
    expect(withoutExports(Template.fromStack(stacks().controlPlane))).toEqual(withoutExports(controlPlane));
  });

  it('keeps what users must not lose: buckets and table stay when the stack goes', () => {
    const kept = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table'].flatMap((type) => ofType(controlPlane, type));
    expect(kept).toHaveLength(4);
    expect(kept.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(kept.map(() => 'Retain'));
  });

  it('has private, versioned, encrypted buckets, and only the one for images announces', () => {
    const buckets = properties('AWS::S3::Bucket');
    for (const bucket of buckets) {
      expect(bucket).toMatchObject({
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
      expect(bucket['BucketEncryption']).toBeDefined();
    }
    const announcing = buckets.filter(({ NotificationConfiguration }) => NotificationConfiguration !== undefined);
    expect(announcing).toHaveLength(1);
    const policies = JSON.stringify(properties('AWS::S3::BucketPolicy'));
    expect(policies.match(/"aws:SecureTransport":"false"/g)).toHaveLength(3);
  });

  it('has one table: on demand, restorable to any point, expiring what says so', () => {
    expect(properties('AWS::DynamoDB::Table')).toEqual([
      expect.objectContaining({
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    ]);
  });

  it('runs every function on Node.js 24, arm64, with its own log that expires, and publishes it', () => {
    const functions = properties('AWS::Lambda::Function');
    expect(functions).toHaveLength(17);
    for (const one of functions) {
      expect(one).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      expect(one['LoggingConfig']).toBeDefined();
      expect(one['DeadLetterConfig']).toBeDefined();
    }
    const versions = ofType(controlPlane, 'AWS::Lambda::Version');
    expect(versions.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(functions.map(() => 'Retain'));
    expect(versions.map(({ UpdateReplacePolicy }) => UpdateReplacePolicy)).toEqual(functions.map(() => 'Retain'));
    expect(properties('AWS::Logs::LogGroup').every(({ RetentionInDays }) => Number(RetentionInDays) > 0)).toBe(true);
  });

  it('gives a function the variables of its contract and no others', () => {
    const [judge] = Object.entries(resourcesOf(controlPlane)).filter(([id]) => id.startsWith('FunctionsJudgeReleaseFunction'));
    const { Variables } = judge![1].Properties['Environment'] as { Variables: object };
    expect(Object.keys(Variables).sort()).toEqual(['NODE_OPTIONS', 'NOTICES_TOPIC', 'SERVICES_PATH', 'TABLE']);
  });

  it('lets the bake, and no other function, clear away early what it has read', () => {
    const small = Object.entries(resourcesOf(controlPlane)).filter(([, { Properties }]) =>
      JSON.stringify(Properties['Environment'] ?? {}).includes('--enable-source-maps --max-semi-space-size=4'),
    );
    expect(small.map(([id]) => id)).toEqual([expect.stringMatching(/^FunctionsBakeImageFunction/)]);
  });

  it('finds a slot by its instance in an index of keys', () => {
    const [table] = properties('AWS::DynamoDB::Table');
    expect(table!['GlobalSecondaryIndexes']).toMatchObject([
      {
        IndexName: 'by-instance',
        KeySchema: [
          { AttributeName: 'instanceId', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
  });

  it('runs one sweep at a time, and a few doors side by side, whatever else the account runs', () => {
    const reserved = properties('AWS::Lambda::Function').filter((one) => one['ReservedConcurrentExecutions'] !== undefined);
    expect(reserved.map((one) => one['ReservedConcurrentExecutions'])).toEqual([1, 5]);
  });

  it('asks for an upload or a dead release to be taken for a day, a failed node for an hour, and a sweep only while it is fresh', () => {
    const targets = properties('AWS::Events::Rule').flatMap((rule) => rule['Targets'] as { RetryPolicy: object }[]);
    const forADay = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };
    const fresh = { MaximumEventAgeInSeconds: 180, MaximumRetryAttempts: 2 };
    const untilSwept = { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 20 };
    expect(targets.map(({ RetryPolicy }) => RetryPolicy)).toEqual([forADay, forADay, untilSwept, untilSwept, fresh]);
  });

  it('admits uploads, begins the rollback of a release that died, hears of nodes, and sweeps every minute; what is given up is kept', () => {
    const rules = properties('AWS::Events::Rule');
    expect(
      rules.map((rule) => rule['ScheduleExpression'] ?? (rule['EventPattern'] as { 'detail-type': string[] })['detail-type'][0]),
    ).toEqual([
      'Object Created',
      'Step Functions Execution Status Change',
      'EC2 Instance State-change Notification',
      'CloudWatch Alarm State Change',
      'rate(1 minute)',
    ]);
    const died = rules[1]!['EventPattern'] as { detail: { stateMachineArn: unknown[]; status: string[] } };
    expect(toText(died.detail.stateMachineArn[0])).toBe('arn:aws:states:us-east-1:123456789012:stateMachine:tandem-release');
    expect(died.detail.status).toEqual(['FAILED', 'TIMED_OUT', 'ABORTED']);
    expect(
      rules.flatMap((rule) =>
        (rule['Targets'] as { DeadLetterConfig?: unknown }[]).map(({ DeadLetterConfig }) => typeof DeadLetterConfig),
      ),
    ).toEqual(rules.map(() => 'object'));
  });

  it('publishes over TLS only, and alarms where CloudWatch may publish', () => {
    const topics = properties('AWS::SNS::Topic');
    expect(topics.map(({ KmsMasterKeyId }) => KmsMasterKeyId !== undefined)).toEqual([true, false]);
    expect(JSON.stringify(properties('AWS::SNS::TopicPolicy')).match(/"aws:SecureTransport":"false"/g)).toHaveLength(2);
    const actions = properties('AWS::CloudWatch::Alarm').flatMap(({ AlarmActions }) => (AlarmActions as unknown[]).map(toText));
    expect(new Set(actions)).toEqual(new Set(['<NoticesAlarms>']));
  });

  it('says when any function fails, events are lost, a rollback fails or the sweep is silent', () => {
    const alarms = Object.keys(resourcesOf(controlPlane)).filter((id) => id.startsWith('ControlPlaneAlarms'));
    expect(alarms).toHaveLength(17 + 5);
  });

  it('tells of a silent sweep by the absence of its data, which in a new account is no news', () => {
    const silences = properties('AWS::CloudWatch::Alarm').filter(({ InsufficientDataActions }) => InsufficientDataActions);
    expect(silences).toMatchObject([{ MetricName: 'Invocations', EvaluationPeriods: 1, TreatMissingData: 'missing' }]);
    expect((silences[0]?.['InsufficientDataActions'] as unknown[]).map(toText)).toEqual(['<NoticesAlarms>']);
  });

  it('tells the command line where everything is', () => {
    const [facts] = properties('AWS::SSM::Parameter');
    expect(facts).toMatchObject({ Name: '/tandem/control-plane' });
    const names = [
      'stack',
      'region',
      'table',
      'imagesBucket',
      'evidenceBucket',
      'releaseWorkflow',
      'rollbackWorkflow',
      'remediateWorkflow',
      'bakeWorkflow',
      'orderFunction',
      'doorFunction',
      'noticesTopic',
    ];
    expect(Object.keys(JSON.parse(toText(facts!['Value'])) as object).sort()).toEqual([...names].sort());
  });
});

describe('its workflows', () => {
  const machines = properties('AWS::StepFunctions::StateMachine').map((machine) => ({
    name: String(machine['StateMachineName']),
    definition: toText(machine['DefinitionString']).replace(/<(\w+)>/g, 'arn:aws:lambda:us-east-1:123456789012:function:$1:1'),
  }));

  it('are six, by name', () => {
    expect(machines.map(({ name }) => name).sort()).toEqual([
      'tandem-bake',
      'tandem-release',
      'tandem-remediate',
      'tandem-rollback',
      'tandem-watch-health',
      'tandem-watch-release',
    ]);
  });

  it.each(machines.map(({ name, definition }) => [name, definition] as const))('%s is a valid definition', (_, definition) => {
    const { isValid, errorsText } = validate(JSON.parse(definition));
    expect(isValid, errorsText()).toBe(true);
  });

  it('call functions by published version, never by a name that moves', () => {
    const ids = machines.flatMap(({ definition }) => [...definition.matchAll(/"FunctionName":"([^"]+)"/g)].map(([, id]) => id!));
    expect(ids.length).toBeGreaterThan(20);
    expect(ids.filter((id) => !/CurrentVersion/.test(id) && id !== '{% $prober %}')).toEqual([]);
  });

  it('start children by published version, which stays when a newer one is published', () => {
    const sync = /"StateMachineArn":"([^"]+)"/g;
    const ids = machines.flatMap(({ definition }) => [...definition.matchAll(sync)].map(([, id]) => id!));
    const moving = ids.filter((id) => !/^arn:.*:Workflows\w+Version:1$/.test(id));
    expect(new Set(moving)).toEqual(new Set(['arn:aws:states:us-east-1:123456789012:stateMachine:tandem-rollback']));
    expect(new Set(ids).size).toBe(3 + 1);
    const versions = ofType(controlPlane, 'AWS::StepFunctions::StateMachineVersion');
    expect(versions.map((one) => [one['DeletionPolicy'], one['UpdateReplacePolicy']])).toEqual(
      versions.map(() => ['Retain', 'Retain']),
    );
    for (const { Properties } of versions) {
      expect(Properties['StateMachineRevisionId']).toMatchObject({
        'Fn::GetAtt': [expect.any(String), 'StateMachineRevisionId'],
      });
    }
    expect(versions).toHaveLength(3);
  });
});

/** What a service's stack asks of the control plane is exported when there is one; the resources are what must be the same. */
function withoutExports(template: Template): unknown {
  return { ...template.toJSON(), Outputs: undefined };
}
