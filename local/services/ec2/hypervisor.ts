/**
 * The life of an instance:
 *
 *   pending ──► running ──► stopping ──► stopped      the guest powered itself off (shutdown behaviour `stop`)
 *      │           └──────► shutting-down ──► terminated     somebody terminated it (from any state)
 *      └──────────────────► terminated                       it could not be started; StateReason says why
 */
import type { InstanceState, SnapshotReader } from '../../kernel/ports.ts';
import { FIRST_BYTES } from './drivers/driver.ts';
import type { Blame, Disk, Guest, MachineHooks } from './drivers/driver.ts';
import { announceState } from './events.ts';
import { sizeOf } from './instance-size.ts';
import type { Ec2State, Instance, StateReason } from './state.ts';

/** Between the machine's end and EC2's saying so. */
const SETTLE_MS = 1_000;
/** EC2 posts the console some minutes after the start, then at the end. */
const CONSOLE_POST_MS = 300_000;
/** A terminated instance is listed for about an hour. */
const FORGET_MS = 3_600_000;

export const REASONS = {
  guestShutdown: {
    code: 'Client.InstanceInitiatedShutdown',
    message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
  },
  userShutdown: { code: 'Client.UserInitiatedShutdown', message: 'Client.UserInitiatedShutdown: User initiated shutdown' },
} as const;

export function startInstance(ec2: Ec2State, instance: Instance): void {
  announceState(ec2, instance);
  boot(ec2, instance).catch((error: unknown) =>
    endUnstarted(ec2, instance, internalError(error instanceof Error ? error.message : String(error))),
  );
}

/** Takes up the life of an instance of a run before where it stood. One that ran is booted again, as when its host was. */
export async function resumeInstance(ec2: Ec2State, instance: Instance): Promise<void> {
  const { state } = instance;
  if (state === 'pending' || state === 'running') await boot(ec2, instance);
  else if (state === 'stopping') settle(ec2, instance, 'stopped');
  else if (state === 'shutting-down') settle(ec2, instance, 'terminated');
  else if (state === 'terminated') await forget(ec2, instance);
}

function internalError(why: string, blame: Blame = 'client'): StateReason {
  const code = blame === 'client' ? 'Client.InternalError' : 'Server.InternalError';
  return { code, message: `${code}: ${why}` };
}

async function boot(ec2: Ec2State, instance: Instance): Promise<void> {
  const disk = ec2.snapshots.open(instance.image.snapshotId);
  if (disk === undefined) {
    endUnstarted(ec2, instance, {
      code: 'Client.InvalidSnapshot.NotFound',
      message: `Client.InvalidSnapshot.NotFound: ${instance.image.snapshotId} does not exist`,
    });
    return;
  }
  const firstBytes = await disk.read(0, FIRST_BYTES);
  // Terminated while its disk was read.
  if (instance.state !== 'pending' && instance.state !== 'running') return;
  const driver = ec2.drivers.find((candidate) => candidate.fits(firstBytes));
  if (driver === undefined) {
    const known = ec2.drivers.map((one) => one.name).join(', ') || 'none';
    const message = `Server.InternalError: no driver here runs the disk of ${instance.image.id}; drivers: ${known}`;
    endUnstarted(ec2, instance, { code: 'Server.InternalError', message });
    return;
  }
  instance.machine = driver.boot(guestOf(instance), [rootDiskOf(instance, disk)], hooksOf(ec2, instance));
}

const UNKNOWN_TYPE = { memoryMib: 1024, vcpus: 1 };

function guestOf({ id: instanceId, address, userData, tags, image, instanceType }: Instance): Guest {
  const { memoryMib: memoryMiB, vcpus: cpus } = sizeOf(instanceType) ?? UNKNOWN_TYPE;
  const bootMode = image.bootMode === 'uefi' ? 'uefi' : 'legacy-bios';
  const common = { instanceId, imageId: image.id, address, userData, tags, memoryMiB, cpus, bootMode } as const;
  return { ...common, ports: [], hints: {}, metadata: undefined };
}

const rootDiskOf = ({ image }: Instance, base: SnapshotReader): Disk => ({
  device: image.rootDeviceName,
  volumeId: 'root',
  base,
  bytes: image.volume.gib * 2 ** 30,
  writablePath: '',
});

function hooksOf(ec2: Ec2State, instance: Instance): MachineHooks {
  return {
    started() {
      if (instance.state !== 'pending') return;
      enter(ec2, instance, 'running');
      postConsoleAfter(ec2, instance, CONSOLE_POST_MS);
    },
    console: (bytes) => instance.console.write(bytes),
    poweredOff(why) {
      ec2.world.trace.add('ec2', 'machine off', { instance: instance.id, why });
      onPowerOff(ec2, instance);
    },
    failed: (why, blame) =>
      endUnstarted(ec2, instance, internalError(`${blame === 'server' ? 'Internal' : 'Client'} error on launch: ${why}`, blame)),
    crashed(why) {
      ec2.world.trace.add('ec2', 'machine crashed', { instance: instance.id, why });
      onPowerOff(ec2, instance, internalError(why, 'server'));
    },
  };
}

function enter(ec2: Ec2State, instance: Instance, state: InstanceState, reason?: StateReason): void {
  instance.state = state;
  if (reason !== undefined) instance.stateReason = reason;
  announceState(ec2, instance);
}

function postConsoleAfter(ec2: Ec2State, instance: Instance, ms: number): void {
  ec2.world.time.after(ms, `console of ${instance.id} is posted`, () => instance.console.post(ec2.world.time.now()));
}

function onPowerOff(ec2: Ec2State, instance: Instance, reason: StateReason = REASONS.guestShutdown): void {
  if (instance.state === 'terminated') return;
  postConsoleAfter(ec2, instance, SETTLE_MS);
  if (instance.state === 'shutting-down') {
    settle(ec2, instance, 'terminated');
    return;
  }
  const ends = instance.shutdownBehavior === 'stop' ? 'stopped' : 'terminated';
  enter(ec2, instance, ends === 'stopped' ? 'stopping' : 'shutting-down', reason);
  settle(ec2, instance, ends);
}

function settle(ec2: Ec2State, instance: Instance, state: 'stopped' | 'terminated'): void {
  ec2.world.time.after(SETTLE_MS, `${instance.id} is ${state}`, async () => {
    // Terminated while it was stopping: that end comes by itself.
    if (instance.state === 'terminated' || (state === 'stopped' && instance.state !== 'stopping')) return;
    enter(ec2, instance, state);
    if (state === 'terminated') await forget(ec2, instance);
  });
}

function endUnstarted(ec2: Ec2State, instance: Instance, reason: StateReason): void {
  if (instance.state !== 'pending') {
    onPowerOff(ec2, instance);
    return;
  }
  enter(ec2, instance, 'terminated', reason);
  void forget(ec2, instance);
}

async function forget(ec2: Ec2State, instance: Instance): Promise<void> {
  ec2.world.time.after(FORGET_MS, `${instance.id} is forgotten`, () => void ec2.instances.delete(instance.id));
  await instance.machine?.discard();
}

/** `abruptly`: without asking the guest (`Force`, `SkipOsShutdown`). Terminating twice is success. */
export function terminateInstance(ec2: Ec2State, instance: Instance, abruptly: boolean): void {
  const before = instance.state;
  if (before === 'terminated') return;
  if (before !== 'shutting-down') enter(ec2, instance, 'shutting-down', REASONS.userShutdown);
  const { machine } = instance;
  const isOff = machine === undefined || before === 'stopped' || before === 'stopping';
  if (isOff) settle(ec2, instance, 'terminated');
  else if (abruptly) machine.kill();
  else machine.stop();
}
