/**
 * The life of an instance:
 *
 *   pending ──► running ──► stopping ──► stopped      the guest powered itself off (shutdown behaviour `stop`), or was told to
 *      │           └──────► shutting-down ──► terminated     somebody terminated it (from any state)
 *      └──────────────────► terminated                       it could not be started; StateReason says why
 */
import type { InstanceState } from '../../kernel/ports.ts';
import { FIRST_BYTES } from './drivers/driver.ts';
import type { Blame, Guest, MachineHooks, MetadataDoor } from './drivers/driver.ts';
import { announceState } from './events.ts';
import { sizeOf } from './instance-size.ts';
import { MetadataSocket } from './metadata/door.ts';
import { answerMetadata } from './metadata/metadata.ts';
import type { Ec2State, Instance, StateReason } from './state.ts';
import { baseOf, disksOf } from './volumes.ts';

/** Between the machine's end and EC2's saying so. */
const SETTLE_MS = 1_000;
/** EC2 posts the console some minutes after the start. */
const CONSOLE_POST_MS = 300_000;
/** After the end it posts it too, when it gets to it: within twenty minutes, as users of AWS have seen it. */
const LAST_POST_MS = { least: 60_000, most: 1_200_000 } as const;
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
  if (state === 'pending' || state === 'running') {
    await boot(ec2, instance);
    return;
  }
  postEndOfConsole(ec2, instance);
  if (state === 'stopping') settle(ec2, instance, 'stopped');
  else if (state === 'shutting-down') settle(ec2, instance, 'terminated');
  else if (state === 'terminated') await forget(ec2, instance);
}

function internalError(why: string, blame: Blame = 'client'): StateReason {
  const code = blame === 'client' ? 'Client.InternalError' : 'Server.InternalError';
  return { code, message: `${code}: ${why}` };
}

async function boot(ec2: Ec2State, instance: Instance): Promise<void> {
  const disks = disksOf(ec2, instance);
  if (disks === undefined) {
    const ids = instance.volumes.flatMap(({ snapshotId }) => snapshotId ?? []);
    const gone = ids.find((id) => ec2.snapshots.open(id) === undefined) ?? '';
    const code = 'Client.InvalidSnapshot.NotFound';
    endUnstarted(ec2, instance, { code, message: `${code}: ${gone} does not exist` });
    return;
  }
  const firstBytes = await baseOf(disks).read(0, FIRST_BYTES);
  // Terminated while its disk was read.
  if (instance.state !== 'pending' && instance.state !== 'running') return;
  const driver = ec2.drivers.find((candidate) => candidate.fits(firstBytes));
  if (driver === undefined) {
    const known = ec2.drivers.map((one) => one.name).join(', ') || 'none';
    const message = `Server.InternalError: no driver here runs the disk of ${instance.image.id}; drivers: ${known}`;
    endUnstarted(ec2, instance, { code: 'Server.InternalError', message });
    return;
  }
  const metadata = openMetadata(ec2, instance);
  const machine = driver.boot(guestOf(instance, metadata), disks, hooksOf(ec2, instance));
  instance.machine = machine;
  void machine.ended.then(() => metadata.close());
}

const UNKNOWN_TYPE = { memoryMib: 1024, vcpus: 1 };

function guestOf(instance: Instance, metadata: MetadataDoor): Guest {
  const { id: instanceId, address, userData, tags, image, instanceType, securityGroups, hints } = instance;
  const { memoryMib: memoryMiB, vcpus: cpus } = sizeOf(instanceType) ?? UNKNOWN_TYPE;
  const bootMode = image.bootMode === 'uefi' ? 'uefi' : 'legacy-bios';
  const ports = securityGroups.flatMap(({ letsIn }) => letsIn);
  return { instanceId, imageId: image.id, address, userData, tags, memoryMiB, cpus, bootMode, ports, hints, metadata };
}

function openMetadata(ec2: Ec2State, instance: Instance): MetadataSocket {
  return new MetadataSocket((request) => {
    const profile = instance.instanceProfile === undefined ? undefined : ec2.profiles?.find(instance.instanceProfile);
    const role = profile && { name: profile.role, profileArn: profile.arn };
    ec2.metadataSecret ??= ec2.world.random.hex(32);
    const { world, metadataSecret: secret } = ec2;
    return answerMetadata({ instance, account: world.account, role, now: world.time.now(), secret }, request);
  });
}

function hooksOf(ec2: Ec2State, instance: Instance): MachineHooks {
  return {
    queued(position) {
      if (instance.state !== 'pending') return;
      // EC2's reason of a pending instance, with what makes it wait here.
      instance.stateReason = { code: 'pending', message: `pending: number ${position} in line to boot on this machine` };
      ec2.world.trace.add('ec2', 'instance in line', { instance: instance.id, position });
    },
    started() {
      instance.runningSince = ec2.world.time.now();
      if (instance.state !== 'pending') return;
      instance.stateReason = undefined;
      enter(ec2, instance, 'running');
      postConsoleAfter(ec2, instance, CONSOLE_POST_MS);
    },
    console: (bytes) => instance.console.write(bytes),
    startsOver: () => instance.console.startOver(),
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

/** How late is chance, and drawn already: with the instance's id. */
function postEndOfConsole(ec2: Ec2State, instance: Instance): void {
  const { least, most } = LAST_POST_MS;
  const share = Number.parseInt(instance.id.slice(-4), 16) / 0xffff;
  postConsoleAfter(ec2, instance, Math.round(least + share * (most - least)));
}

function onPowerOff(ec2: Ec2State, instance: Instance, reason: StateReason = REASONS.guestShutdown): void {
  instance.runningSince = undefined;
  if (instance.state === 'terminated') return;
  postEndOfConsole(ec2, instance);
  // It was told to end, and that is what it says of it.
  if (instance.state === 'shutting-down' || instance.state === 'stopping') {
    settle(ec2, instance, instance.state === 'stopping' ? 'stopped' : 'terminated');
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
  if (isOff(instance, before)) settle(ec2, instance, 'terminated');
  else endMachine(instance, abruptly);
}

/** Stopping twice is success; asked again `abruptly`, the plug is pulled on what is still shutting down. */
export function stopInstance(ec2: Ec2State, instance: Instance, abruptly: boolean): void {
  const before = instance.state;
  if (before === 'running') enter(ec2, instance, 'stopping', REASONS.userShutdown);
  if (isOff(instance, before)) {
    if (before === 'running') settle(ec2, instance, 'stopped');
  } else endMachine(instance, abruptly);
}

/** One that is pending has no machine that runs, but it may be about to. */
const isOff = ({ machine, runningSince }: Instance, state: InstanceState) =>
  machine === undefined || (state !== 'pending' && state !== 'shutting-down' && runningSince === undefined);

function endMachine({ machine }: Instance, abruptly: boolean): void {
  if (abruptly) machine?.kill();
  else machine?.stop();
}
