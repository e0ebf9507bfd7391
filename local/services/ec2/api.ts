import type { Instances } from '../../kernel/ports.ts';
import type { LocalService } from '../../kernel/service.ts';
import {
  describeInstanceStatus,
  getConsoleOutput,
  getConsoleScreenshot,
  sendDiagnosticInterrupt,
} from './console-of-instance.ts';
import { createSnapshot, createSnapshots } from './create-snapshots.ts';
import { describeInstances } from './describe-instances.ts';
import { describeInstanceTypes } from './describe-instance-types.ts';
import { describeSubnets, describeVpcs } from './describe-network.ts';
import { rebootInstances, stopInstances, terminateInstances } from './end-instances.ts';
import { deleteSnapshot, deregisterImage, describeImages, describeSnapshots } from './images.ts';
import { describeLaunchTemplates, describeLaunchTemplateVersions } from './launch-template.ts';
import { networkResources } from './network-resources.ts';
import { registerImage } from './register-image.ts';
import { resumeInstance } from './hypervisor.ts';
import { runInstances } from './run-instances.ts';
import { loadEc2, saveEc2 } from './saved.ts';
import { newState } from './state.ts';
import type { Ec2Ports, Ec2State } from './state.ts';
import { declareLaunchTemplate } from './template-resource.ts';

const GAPS = [
  'Networks have no effect: every instance has a loopback address of its own, at which the ports its security groups let in are reached; no route or rule is judged.',
  'Launch templates have the one version their stack declares.',
  'An instance that is booted again from a state folder has its image’s disk: what it wrote is lost.',
  'Instance types are known by the rules their names follow, those of the families c, m, r and t.',
  'Images have one disk; volumes are made and attached at launch, and end with their instance. Stopped instances cannot be started again; RebootInstances resets at once, without asking the guest to shut down.',
  'The checks of an instance pass two minutes after it runs, whatever its guest does, and there are no scheduled events, unless a fault is injected.',
  'The metadata service cannot tell how far from the guest’s own kernel a request began: hop limits are not judged. Who reads an answer until the connection ends waits three seconds for that. It has what an image needs of it, and of its own `services/endpoint`: where the local account answers guests.',
  'Bundles run as processes: no metadata, no screen, no interrupts, no volumes that could be copied; one that ends by SIGHUP is a guest that has reset itself.',
  'There are no spot instances, fleets or placement.',
  'What an instance prints is its console; GetConsoleOutput without Latest answers what was posted five minutes after the start and, of its end, one to twenty minutes after it.',
];

export function createEc2(ports: Ec2Ports): LocalService & Instances {
  const ec2 = newState(ports);
  return {
    name: 'ec2',
    operations: operationsOf(ec2),
    resources: { ...networkResources(ec2), 'AWS::EC2::LaunchTemplate': (resource) => declareLaunchTemplate(ec2, resource) },
    gaps: GAPS,
    save: () => saveEc2(ec2),
    load: (saved) => loadEc2(ec2, saved),
    async start() {
      await Promise.all([...ec2.instances.values()].map((instance) => resumeInstance(ec2, instance)));
    },
    stop: () => pullAllPlugs(ec2),
    find(instanceId) {
      const instance = ec2.instances.get(instanceId);
      if (instance === undefined) return undefined;
      const { state, address, subnet, tags } = instance;
      return { instanceId, state, privateIpAddress: address, availabilityZone: subnet.zone, tags };
    },
  };
}

/** The runtime ends: nothing of it may keep running, start, or be told of any more. */
async function pullAllPlugs(ec2: Ec2State): Promise<void> {
  const instances = [...ec2.instances.values()];
  for (const instance of instances) instance.state = 'terminated';
  const machines = instances.flatMap(({ machine }) => machine ?? []);
  for (const machine of machines) machine.kill();
  await Promise.all(machines.map((machine) => machine.ended));
  await Promise.all(machines.map((machine) => machine.discard()));
}

const operationsOf = (ec2: Ec2State) => ({
  RunInstances: runInstances(ec2),
  DescribeInstances: describeInstances(ec2),
  DescribeInstanceTypes: describeInstanceTypes(),
  DescribeInstanceStatus: describeInstanceStatus(ec2),
  RebootInstances: rebootInstances(ec2),
  StopInstances: stopInstances(ec2),
  TerminateInstances: terminateInstances(ec2),
  GetConsoleOutput: getConsoleOutput(ec2),
  GetConsoleScreenshot: getConsoleScreenshot(ec2),
  SendDiagnosticInterrupt: sendDiagnosticInterrupt(ec2),
  CreateSnapshot: createSnapshot(ec2),
  CreateSnapshots: createSnapshots(ec2),
  RegisterImage: registerImage(ec2),
  DeregisterImage: deregisterImage(ec2),
  DescribeImages: describeImages(ec2),
  DescribeSnapshots: describeSnapshots(ec2),
  DeleteSnapshot: deleteSnapshot(ec2),
  DescribeSubnets: describeSubnets(ec2),
  DescribeVpcs: describeVpcs(ec2),
  DescribeLaunchTemplates: describeLaunchTemplates(ec2),
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions(ec2),
});
