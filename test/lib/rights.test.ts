import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actionsOf, may, statementsOf, type Context } from './policy.ts';
import { templates } from './synth.ts';

const { controlPlane, service } = templates();
const rightsOf = (name: string) => statementsOf(controlPlane, `Functions${name}Role`);

const ec2 = (resource: string, account = '123456789012') => `arn:aws:ec2:us-east-1:${account}:${resource}`;
const elb = (resource: string) => `arn:aws:elasticloadbalancing:us-east-1:123456789012:${resource}`;
const OURS: Context = { 'aws:ResourceTag/tandem:stack': 'tandem' };
const FOREIGN: Context = { 'aws:ResourceTag/tandem:stack': 'other' };
const TAGGING: Context = { 'aws:RequestTag/tandem:stack': 'tandem' };
const TEMPLATE: Context = { 'ec2:LaunchTemplate': ec2('launch-template/lt-1') };
const ALL = [
  ...['AdmitImage', 'BakeImage', 'BeginRollback', 'CaptureEvidence', 'CheckNodes', 'Door', 'JudgeRelease', 'LaunchNodes'],
  ...['LaunchReplacement', 'Order', 'RecordFault', 'RecordStage', 'ReleaseNode', 'RetireNodes', 'ShiftTraffic', 'Sweep'],
  'TendReplacement',
];

describe.each([
  ['launch-nodes', rightsOf('LaunchNodes')],
  ['launch-replacement', rightsOf('LaunchReplacement')],
  ['the remediation itself', statementsOf(controlPlane, 'WorkflowsRemediateMachineRole')],
])('%s', (_, rights) => {
  it('may run instances from a launch template, tagged as its own, and never without either', () => {
    const instance = ec2('instance/i-1');
    expect(may(rights, 'ec2:RunInstances', instance, { ...TAGGING, ...TEMPLATE })).toBe(true);
    expect(may(rights, 'ec2:RunInstances', instance, TEMPLATE)).toBe(false);
    expect(may(rights, 'ec2:RunInstances', instance, TAGGING)).toBe(false);
    expect(may(rights, 'ec2:RunInstances', instance, { ...TEMPLATE, 'aws:RequestTag/tandem:stack': 'other' })).toBe(false);
  });

  it.each([['launch-template/lt-1'], ['security-group/sg-1']])('may use its own %s and never a foreign one', (resource) => {
    expect(may(rights, 'ec2:RunInstances', ec2(resource), OURS)).toBe(true);
    expect(may(rights, 'ec2:RunInstances', ec2(resource), FOREIGN)).toBe(false);
    expect(may(rights, 'ec2:RunInstances', ec2(resource))).toBe(false);
  });

  it('may run images that bear its tag and never others', () => {
    expect(may(rights, 'ec2:RunInstances', ec2('image/ami-1', ''), OURS)).toBe(true);
    expect(may(rights, 'ec2:RunInstances', ec2('image/ami-1', ''), FOREIGN)).toBe(false);
  });

  it('may never give a node a key pair', () => {
    expect(may(rights, 'ec2:RunInstances', ec2('key-pair/mine'), OURS)).toBe(false);
  });

  it('may pass the roles of nodes to EC2 and never another role, nor to another service', () => {
    const node = 'arn:aws:iam::123456789012:role/tandem/nodes/web-LinuxRole';
    const toEc2 = { 'iam:PassedToService': 'ec2.amazonaws.com' };
    expect(may(rights, 'iam:PassRole', node, toEc2)).toBe(true);
    expect(may(rights, 'iam:PassRole', node, { 'iam:PassedToService': 'lambda.amazonaws.com' })).toBe(false);
    expect(may(rights, 'iam:PassRole', 'arn:aws:iam::123456789012:role/admin', toEc2)).toBe(false);
  });

  it('may tag what it launches, in the launch, and never change a tag afterwards', () => {
    const instance = ec2('instance/i-1');
    const tags = { ...TAGGING, 'aws:TagKeys': ['tandem:stack', 'Name'] };
    expect(may(rights, 'ec2:CreateTags', instance, { ...tags, 'ec2:CreateAction': 'RunInstances' })).toBe(true);
    expect(may(rights, 'ec2:CreateTags', instance, tags)).toBe(false);
    expect(may(rights, 'ec2:CreateTags', instance, { ...tags, 'ec2:CreateAction': 'CreateSnapshot' })).toBe(false);
    expect(may(rights, 'ec2:DeleteTags', instance, { ...OURS, 'aws:TagKeys': ['tandem:stack'] })).toBe(false);
  });

  it('may not change tags afterwards even where somebody else allows it everything', () => {
    const generous = [...rights, { Effect: 'Allow', Action: 'ec2:*', Resource: '*' } as const];
    expect(may(generous, 'ec2:CreateTags', ec2('instance/i-1'), { 'aws:TagKeys': ['tandem:stack'] })).toBe(false);
    expect(may(generous, 'ec2:DeleteTags', ec2('instance/i-1'), { 'aws:TagKeys': ['tandem:stack'] })).toBe(false);
    expect(may(generous, 'ec2:CreateTags', ec2('instance/i-1'), { 'aws:TagKeys': ['team'] })).toBe(true);
  });

  it('may never terminate', () => {
    expect(actionsOf(rights)).not.toContain('ec2:TerminateInstances');
  });
});

describe.each([
  ['retire-nodes', rightsOf('RetireNodes')],
  ['release-node', rightsOf('ReleaseNode')],
])('%s', (_, rights) => {
  it('may terminate what bears its tag and never anything else', () => {
    expect(may(rights, 'ec2:TerminateInstances', ec2('instance/i-1'), OURS)).toBe(true);
    expect(may(rights, 'ec2:TerminateInstances', ec2('instance/i-1'), FOREIGN)).toBe(false);
    expect(may(rights, 'ec2:TerminateInstances', ec2('instance/i-1'))).toBe(false);
  });

  it('may take nodes out of its own groups, and never put one in, launch or shift weights', () => {
    const group = elb('targetgroup/web/1');
    expect(may(rights, 'elasticloadbalancing:DeregisterTargets', group, OURS)).toBe(true);
    expect(may(rights, 'elasticloadbalancing:DeregisterTargets', group, FOREIGN)).toBe(false);
    expect(actionsOf(rights)).not.toEqual(expect.arrayContaining(['elasticloadbalancing:RegisterTargets']));
    expect(actionsOf(rights).filter((action) => /RunInstances|ModifyRule|CreateRule/.test(action))).toEqual([]);
  });
});

describe('check-nodes', () => {
  it('may put nodes into its own groups and never take one out or terminate it', () => {
    const rights = rightsOf('CheckNodes');
    expect(may(rights, 'elasticloadbalancing:RegisterTargets', elb('targetgroup/web/1'), OURS)).toBe(true);
    expect(may(rights, 'elasticloadbalancing:RegisterTargets', elb('targetgroup/web/1'), FOREIGN)).toBe(false);
    expect(actionsOf(rights).filter((action) => /Deregister|Terminate/.test(action))).toEqual([]);
  });

  it('may leave consoles with the evidence, and neither read nor change anything else of it', () => {
    expect(actionsOf(rightsOf('CheckNodes')).filter((action) => action.startsWith('s3:'))).toEqual(['s3:PutObject']);
  });
});

describe('shift-traffic', () => {
  const rights = rightsOf('ShiftTraffic');

  it('may make rules on its own listeners, tagged as its own, and change or remove those', () => {
    expect(may(rights, 'elasticloadbalancing:CreateRule', elb('listener/app/web/1/2'), OURS)).toBe(true);
    const creating = { ...TAGGING, 'elasticloadbalancing:CreateAction': 'CreateRule' };
    expect(may(rights, 'elasticloadbalancing:AddTags', elb('listener-rule/app/web/1/2/3'), creating)).toBe(true);
    expect(may(rights, 'elasticloadbalancing:ModifyRule', elb('listener-rule/app/web/1/2/3'), OURS)).toBe(true);
    expect(may(rights, 'elasticloadbalancing:DeleteRule', elb('listener-rule/app/web/1/2/3'), OURS)).toBe(true);
    expect(may(rights, 'elasticloadbalancing:ModifyListener', elb('listener/net/web/1/2'), OURS)).toBe(true);
  });

  it('never touches a rule that is not its own, the default action of an ALB, or a tag afterwards', () => {
    expect(may(rights, 'elasticloadbalancing:ModifyRule', elb('listener-rule/app/web/1/2/3'), FOREIGN)).toBe(false);
    expect(may(rights, 'elasticloadbalancing:ModifyRule', elb('listener-rule/app/web/1/2/3'))).toBe(false);
    expect(may(rights, 'elasticloadbalancing:ModifyListener', elb('listener/app/web/1/2'), OURS)).toBe(false);
    expect(may(rights, 'elasticloadbalancing:AddTags', elb('listener-rule/app/web/1/2/3'), TAGGING)).toBe(false);
  });
});

describe('bake-image', () => {
  const rights = rightsOf('BakeImage');
  const snapshot = ec2('snapshot/snap-1', '');
  const image = ec2('image/ami-1', '');

  it('may start snapshots with its tag and write only those', () => {
    expect(may(rights, 'ebs:StartSnapshot', snapshot, TAGGING)).toBe(true);
    expect(may(rights, 'ebs:StartSnapshot', snapshot)).toBe(false);
    for (const action of ['ebs:PutSnapshotBlock', 'ebs:CompleteSnapshot', 'ec2:DeleteSnapshot']) {
      expect(may(rights, action, snapshot, OURS)).toBe(true);
      expect(may(rights, action, snapshot, FOREIGN)).toBe(false);
    }
  });

  it('may tag a snapshot as its own while it is new, whether or not EC2 is told what makes it', () => {
    const tags = { ...TAGGING, 'aws:TagKeys': ['tandem:stack', 'Name'] };
    expect(may(rights, 'ec2:CreateTags', snapshot, { ...tags, 'ec2:CreateAction': 'StartSnapshot' })).toBe(true);
    expect(may(rights, 'ec2:CreateTags', snapshot, tags)).toBe(true);
    expect(may(rights, 'ec2:CreateTags', snapshot, { ...tags, 'ec2:CreateAction': 'CopySnapshot' })).toBe(false);
    expect(may(rights, 'ec2:CreateTags', snapshot, { ...tags, 'aws:RequestTag/tandem:stack': 'other' })).toBe(false);
  });

  it('may never tag a snapshot again that bears the tag of a control plane, nor an image, a node or anything else', () => {
    const tags = { ...TAGGING, 'aws:TagKeys': ['tandem:stack'] };
    const generous = [...rights, { Effect: 'Allow', Action: 'ec2:*', Resource: '*' } as const];
    for (const bearing of [OURS, FOREIGN]) {
      expect(may(rights, 'ec2:CreateTags', snapshot, { ...tags, ...bearing })).toBe(false);
      expect(may(generous, 'ec2:CreateTags', snapshot, { ...tags, ...bearing })).toBe(false);
    }
    for (const other of [image, ec2('instance/i-1'), ec2('volume/vol-1')]) {
      expect(may(generous, 'ec2:CreateTags', other, tags)).toBe(false);
    }
    expect(may(generous, 'ec2:DeleteTags', snapshot, { ...tags, ...OURS })).toBe(false);
    expect(may(rights, 'ec2:CreateTags', image, { ...tags, 'ec2:CreateAction': 'RegisterImage' })).toBe(true);
  });

  it('may register images with its tag from its own snapshots, and deregister only those', () => {
    expect(may(rights, 'ec2:RegisterImage', image, TAGGING)).toBe(true);
    expect(may(rights, 'ec2:RegisterImage', image)).toBe(false);
    expect(may(rights, 'ec2:RegisterImage', snapshot, OURS)).toBe(true);
    expect(may(rights, 'ec2:RegisterImage', snapshot, FOREIGN)).toBe(false);
    expect(may(rights, 'ec2:DeregisterImage', image, OURS)).toBe(true);
    expect(may(rights, 'ec2:DeregisterImage', image, FOREIGN)).toBe(false);
  });

  it('may read images and keep its work, and never write an image or read evidence', () => {
    expect(may(rights, 's3:GetObjectVersion', '<ImagesBucket>/web/1.0.0/linux.raw')).toBe(true);
    expect(may(rights, 's3:GetObjectVersionAttributes', '<ImagesBucket>/web/1.0.0/linux.raw')).toBe(true);
    expect(may(rights, 's3:PutObject', '<ImagesBucket>/web/1.0.0/linux.raw')).toBe(false);
    expect(may(rights, 's3:PutObject', '<EvidenceBucket>/bakes/web')).toBe(true);
    expect(may(rights, 's3:GetObject', '<EvidenceBucket>/nodes/i-1/core')).toBe(false);
  });

  it('may never read a block of a snapshot, launch or terminate', () => {
    expect(actionsOf(rights).filter((action) => /GetSnapshotBlock|RunInstances|Terminate|PassRole/.test(action))).toEqual([]);
  });
});

describe('capture-evidence', () => {
  const rights = rightsOf('CaptureEvidence');
  const [instance, volume, snapshot] = [ec2('instance/i-1'), ec2('volume/vol-1'), ec2('snapshot/snap-1', '')];

  it.each(['ec2:GetConsoleOutput', 'ec2:GetConsoleScreenshot', 'ec2:SendDiagnosticInterrupt', 'ec2:CreateSnapshots'])(
    'may ask %s of nodes that bear its tag and never of others',
    (action) => {
      expect(may(rights, action, instance, OURS)).toBe(true);
      expect(may(rights, action, instance, FOREIGN)).toBe(false);
      expect(may(rights, action, instance)).toBe(false);
    },
  );

  it('may keep volumes of nodes as snapshots with its tag, tagged as they are made, and read only those', () => {
    expect(may(rights, 'ec2:CreateSnapshots', volume, OURS)).toBe(true);
    expect(may(rights, 'ec2:CreateSnapshots', volume, FOREIGN)).toBe(false);
    expect(may(rights, 'ec2:CreateSnapshots', snapshot, TAGGING)).toBe(true);
    expect(may(rights, 'ec2:CreateSnapshots', snapshot)).toBe(false);
    const tags = { ...TAGGING, 'aws:TagKeys': ['tandem:fault'] };
    expect(may(rights, 'ec2:CreateTags', snapshot, { ...tags, 'ec2:CreateAction': 'CreateSnapshots' })).toBe(true);
    expect(may(rights, 'ec2:CreateTags', snapshot, tags)).toBe(false);
    expect(may(rights, 'ebs:GetSnapshotBlock', snapshot, OURS)).toBe(true);
    expect(may(rights, 'ebs:GetSnapshotBlock', snapshot, FOREIGN)).toBe(false);
  });

  it('may write what it keeps of faults and nothing else, and never ends, launches or moves anything', () => {
    expect(may(rights, 's3:PutObject', '<EvidenceBucket>/faults/web/i-1-1/console-latest.txt')).toBe(true);
    expect(may(rights, 's3:PutObject', '<EvidenceBucket>/nodes/x/core')).toBe(false);
    expect(may(rights, 's3:PutObject', '<EvidenceBucket>/bakes/web')).toBe(false);
    expect(may(rights, 's3:GetObject', '<LogsBucket>/elb/web/AWSLogs/1')).toBe(true);
    expect(may(rights, 's3:GetObject', '<LogsBucket>/s3/Images/1')).toBe(false);
    const forbidden = /Terminate|RunInstances|Register|Modify|StartExecution|DeleteSnapshot|sns:/;
    expect(actionsOf(rights).filter((action) => forbidden.test(action))).toEqual([]);
  });
});

describe('the door', () => {
  const rights = rightsOf('Door');

  it('may start remediations, and no release or rollback', () => {
    const machine = (name: string) => `arn:aws:states:us-east-1:123456789012:stateMachine:tandem-${name}`;
    expect(may(rights, 'states:StartExecution', machine('remediate'))).toBe(true);
    for (const other of ['release', 'rollback', 'bake']) expect(may(rights, 'states:StartExecution', machine(other))).toBe(false);
  });

  it('may look slots up by their instance, take weight from a group, and neither launch, end nor register a node', () => {
    expect(may(rights, 'dynamodb:Query', '<ReleasesTable>/index/by-instance')).toBe(true);
    expect(may(rights, 'elasticloadbalancing:ModifyRule', elb('listener-rule/app/web/1/2/3'), OURS)).toBe(true);
    expect(may(rights, 'elasticloadbalancing:ModifyRule', elb('listener-rule/app/web/1/2/3'), FOREIGN)).toBe(false);
    expect(actionsOf(rights).filter((action) => /Terminate|RunInstances|RegisterTargets|PassRole/.test(action))).toEqual([]);
  });
});

describe('every function', () => {
  it.each(ALL)('%s may read and put records and never delete, scan or empty the table', (name) => {
    const rights = rightsOf(name);
    expect(may(rights, 'dynamodb:PutItem', '<ReleasesTable>')).toBe(true);
    for (const action of ['dynamodb:DeleteItem', 'dynamodb:Scan', 'dynamodb:DeleteTable']) {
      expect(may(rights, action, '<ReleasesTable>')).toBe(false);
    }
  });

  it.each(ALL)('%s never has a right over everything that is not a description, a metric or a quota', (name) => {
    const everywhere = rightsOf(name)
      .filter(({ Effect, Resource }) => Effect === 'Allow' && [Resource].flat().includes('*'))
      .flatMap(({ Action }) => [Action].flat());
    expect(everywhere.filter((action) => !/:Describe|:GetMetricData$|:GetServiceQuota$|^xray:/.test(action))).toEqual([]);
  });

  it.each(ALL)('%s never makes templates, roles or listeners, and never stops an execution', (name) => {
    const forbidden = /iam:(?!PassRole)|CreateLaunchTemplate|CreateListener|CreateLoadBalancer|StopExecution|lambda:/;
    expect(actionsOf(rightsOf(name)).filter((action) => forbidden.test(action))).toEqual([]);
  });

  it('only those with that duty may start executions, publish, shift weights, launch or terminate', () => {
    const who = (action: string) => ALL.filter((name) => actionsOf(rightsOf(name)).includes(action));
    const starters = ['AdmitImage', 'BeginRollback', 'Door', 'Order', 'RecordFault', 'RecordStage', 'RetireNodes', 'Sweep'];
    expect(who('states:StartExecution')).toEqual(starters);
    const tellers = ['AdmitImage', 'Door', 'JudgeRelease', 'LaunchReplacement', 'Order', 'RecordFault', 'RecordStage', 'Sweep'];
    expect(who('sns:Publish')).toEqual(tellers);
    expect(who('elasticloadbalancing:ModifyRule')).toEqual(['Door', 'ShiftTraffic', 'Sweep', 'TendReplacement']);
    expect(who('ec2:RunInstances')).toEqual(['LaunchNodes', 'LaunchReplacement']);
    expect(who('ec2:TerminateInstances')).toEqual(['ReleaseNode', 'RetireNodes', 'Sweep']);
    expect(who('cloudwatch:GetMetricData')).toEqual(['CaptureEvidence', 'JudgeRelease']);
    expect(who('servicequotas:GetServiceQuota')).toEqual(['RecordStage']);
  });
});

describe('the remediation', () => {
  const rights = statementsOf(controlPlane, 'WorkflowsRemediateMachineRole');

  it('may call published versions of its functions and no others, and start or wait for no execution', () => {
    expect(may(rights, 'lambda:InvokeFunction', '<FunctionsTendReplacementFunction>:7')).toBe(true);
    expect(may(rights, 'lambda:InvokeFunction', '<FunctionsTendReplacementFunction>')).toBe(false);
    expect(may(rights, 'lambda:InvokeFunction', '<FunctionsShiftTrafficFunction>:1')).toBe(false);
    expect(actionsOf(rights).filter((action) => /^states:/.test(action))).toEqual([]);
  });
});

describe('workflows', () => {
  const release = statementsOf(controlPlane, 'WorkflowsReleaseMachineRole');

  it('the release may call published versions and probers, run its children and start the rollback, and nothing else', () => {
    expect(may(release, 'lambda:InvokeFunction', '<FunctionsLaunchNodesFunction>:7')).toBe(true);
    expect(may(release, 'lambda:InvokeFunction', '<FunctionsLaunchNodesFunction>')).toBe(false);
    expect(may(release, 'lambda:InvokeFunction', '<FunctionsSweepFunction>:1')).toBe(false);
    expect(may(release, 'lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:123456789012:function:tandem-web-prober:3')).toBe(
      true,
    );
    expect(may(release, 'lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:123456789012:function:other:3')).toBe(false);
    expect(may(release, 'states:StartExecution', '<WorkflowsBakeMachine>')).toBe(true);
    expect(may(release, 'states:StartExecution', 'arn:aws:states:us-east-1:123456789012:stateMachine:tandem-rollback')).toBe(
      true,
    );
    expect(may(release, 'states:StartExecution', 'arn:aws:states:us-east-1:123456789012:stateMachine:other')).toBe(false);
  });

  it('may wait for children through the rule Step Functions manages, and through no other', () => {
    const rule = (name: string) => `arn:aws:events:us-east-1:123456789012:rule/${name}`;
    expect(may(release, 'events:PutRule', rule('StepFunctionsGetEventsForStepFunctionsExecutionRule'))).toBe(true);
    expect(may(release, 'events:PutRule', rule('other'))).toBe(false);
  });

  it('the watch of a release may call the judge, and the door for a node that alone is bad, and nothing else', () => {
    const watch = statementsOf(controlPlane, 'WorkflowsWatchReleaseMachineRole');
    expect(may(watch, 'lambda:InvokeFunction', '<FunctionsJudgeReleaseFunction>:1')).toBe(true);
    expect(may(watch, 'lambda:InvokeFunction', '<FunctionsDoorFunction>:1')).toBe(true);
    expect(may(watch, 'lambda:InvokeFunction', '<FunctionsRetireNodesFunction>:1')).toBe(false);
    expect(actionsOf(watch).filter((action) => /^states:/.test(action))).toEqual([]);
  });

  it('the bake may call bake-image alone', () => {
    const bake = statementsOf(controlPlane, 'WorkflowsBakeMachineRole');
    expect(may(bake, 'lambda:InvokeFunction', '<FunctionsBakeImageFunction>:1')).toBe(true);
    expect(may(bake, 'lambda:InvokeFunction', '<FunctionsLaunchNodesFunction>:1')).toBe(false);
  });
});

describe('a Linux node', () => {
  const node = statementsOf(service, 'ServiceNodesLinuxRole');

  it('may leave evidence under its own name, and neither read any nor do anything else', () => {
    expect(actionsOf(node)).toEqual(['s3:PutObject']);
    const [{ Resource }] = node as [(typeof node)[0]];
    expect(JSON.stringify(Resource)).toContain('/nodes/${aws:userid}/*');
  });

  it('may publish its own counts where the service file says so, in that namespace only', () => {
    const counted = statementsOf(templates({ nodeMetrics: { namespace: 'Web/Nodes' } }).service, 'ServiceNodesLinuxRole');
    const put = (namespace: string) => may(counted, 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': namespace });
    expect([put('Web/Nodes'), put('Other'), put('AWS/EC2')]).toEqual([true, false, false]);
  });
});

describe('a prober', () => {
  it('gets its network interfaces from Lambda, and its own code may neither make nor delete any', () => {
    const rights = statementsOf(service, 'ServiceProbesProberRole');
    const itself = 'arn:aws:lambda:us-east-1:123456789012:function:tandem-web-prober';
    for (const action of ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']) {
      expect(may(rights, action, ec2('network-interface/eni-1'))).toBe(true);
      for (const SourceFunctionArn of [itself, `${itself}:3`])
        expect(may(rights, action, ec2('network-interface/eni-1'), { 'lambda:SourceFunctionArn': SourceFunctionArn })).toBe(
          false,
        );
    }
  });
});

describe('every call an adapter makes', () => {
  const PREFIX: Readonly<Record<string, string>> = {
    'elastic-load-balancing-v2': 'elasticloadbalancing',
    'service-quotas': 'servicequotas',
    sfn: 'states',
  };
  const ACTION: Readonly<Record<string, string>> = {
    'dynamodb:Get': 'dynamodb:GetItem',
    'dynamodb:Put': 'dynamodb:PutItem',
    's3:GetObjectAttributes': 's3:GetObjectVersionAttributes',
    's3:HeadObject': 's3:GetObject',
    's3:ListObjectsV2': 's3:ListBucket',
  };

  function callsOf(text: string): string[] {
    const imports = [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/(?:client|lib)-([\w-]+)'/g)];
    return imports.flatMap(([, names = '', client = '']) => {
      const commands = [...names.matchAll(/\b(?:paginate(\w+)|(\w+)Command)\b(?!Input|Output)/g)].map(
        ([, paged, single]) => paged ?? single,
      );
      return commands.map((name) => `${PREFIX[client] ?? client}:${name}`).map((call) => ACTION[call] ?? call);
    });
  }

  const folder = join(import.meta.dirname, '../../adapters');
  const calls = readdirSync(folder).flatMap((name) => callsOf(readFileSync(join(folder, name), 'utf8')));
  const allowed = new Set(ALL.flatMap((name) => actionsOf(rightsOf(name))));

  it('is allowed to some function', () => {
    expect(calls.length).toBeGreaterThan(20);
    expect([...new Set(calls)].filter((call) => !allowed.has(call))).toEqual([]);
  });

  it('is the reason of each right over EC2, EBS and load balancing', () => {
    const bound = new Set(['ec2:CreateTags', 'elasticloadbalancing:AddTags']);
    const rights = [...allowed].filter((action) =>
      /^(ec2|ebs|elasticloadbalancing|states|sns|cloudwatch|servicequotas):/.test(action),
    );
    expect(rights.filter((action) => !calls.includes(action) && !bound.has(action))).toEqual([]);
  });
});
