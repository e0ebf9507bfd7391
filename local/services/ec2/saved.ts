/** Images, instances and client tokens, as a state file keeps them. Networks and launch templates are declared again. */
import * as z from 'zod';
import { ConsoleRing } from './console.ts';
import { becomeAvailable } from './register-image.ts';
import type { Ec2State, Image, Instance } from './state.ts';

const tags = z.record(z.string(), z.string());

const image = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  architecture: z.string(),
  virtualizationType: z.string(),
  enaSupport: z.boolean(),
  bootMode: z.string().optional(),
  imdsSupport: z.string().optional(),
  tpmSupport: z.string().optional(),
  rootDeviceName: z.string(),
  snapshotId: z.string(),
  volume: z.object({ type: z.string(), gib: z.number(), deleteOnTermination: z.boolean() }),
  tags,
  madeAt: z.number(),
  state: z.enum(['pending', 'available']),
});

const instance = z.object({
  id: z.string(),
  reservationId: z.string(),
  index: z.number(),
  clientToken: z.string().optional(),
  /** Whole: it may have been deregistered since. */
  image,
  instanceType: z.string(),
  subnetId: z.string(),
  securityGroupIds: z.array(z.string()),
  address: z.string(),
  instanceProfile: z.string().optional(),
  shutdownBehavior: z.enum(['stop', 'terminate']),
  userData: z.base64().optional(),
  metadata: z.object({ isOn: z.boolean(), tokens: z.enum(['required', 'optional']), showsTags: z.boolean() }),
  volumes: z
    .array(
      z.object({
        id: z.string(),
        device: z.string(),
        snapshotId: z.string().optional(),
        gib: z.number(),
        deleteOnTermination: z.boolean(),
      }),
    )
    .readonly(),
  hints: z.record(z.string(), z.string()),
  tags,
  launchedAt: z.number(),
  console: z.object({ latest: z.base64(), posted: z.object({ at: z.number(), output: z.base64() }).optional() }),
  state: z.enum(['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped']),
  stateReason: z.object({ code: z.string(), message: z.string() }).optional(),
  runningSince: z.number().optional(),
});

const savedEc2 = z.object({
  images: z.array(image),
  instances: z.array(instance),
  tokens: z.array(z.tuple([z.string(), z.object({ request: z.string(), instanceIds: z.array(z.string()) })])),
  addressesGiven: z.number(),
});

export const saveEc2 = (ec2: Ec2State): z.infer<typeof savedEc2> => ({
  images: [...ec2.images.values()].map((one) => ({ ...one })),
  instances: [...ec2.instances.values()].map(saveInstance),
  tokens: [...ec2.tokens].map(([token, { request, instanceIds }]) => [token, { request, instanceIds: [...instanceIds] }]),
  addressesGiven: ec2.addressesGiven,
});

function saveInstance({ subnet, securityGroups, userData, console, ...kept }: Instance) {
  const { latest, posted } = console;
  return {
    ...kept,
    machine: undefined,
    subnetId: subnet.id,
    securityGroupIds: securityGroups.map(({ id }) => id),
    userData: userData?.toString('base64'),
    console: {
      latest: latest.toString('base64'),
      ...(posted && { posted: { at: posted.at, output: posted.output.toString('base64') } }),
    },
  };
}

export function loadEc2(ec2: Ec2State, saved: unknown): readonly string[] {
  const { images, instances, tokens, addressesGiven } = savedEc2.parse(saved);
  for (const one of images) {
    const restored = toImage(one);
    ec2.images.set(restored.id, restored);
    if (restored.state === 'pending') becomeAvailable(ec2, restored);
  }
  for (const one of instances) ec2.instances.set(one.id, toInstance(ec2, one));
  for (const [token, made] of tokens) ec2.tokens.set(token, made);
  ec2.addressesGiven = addressesGiven;
  return [];
}

const toImage = (one: z.infer<typeof image>): Image => ({
  ...one,
  bootMode: one.bootMode,
  imdsSupport: one.imdsSupport,
  tpmSupport: one.tpmSupport,
});

function toInstance(ec2: Ec2State, one: z.infer<typeof instance>): Instance {
  const { subnetId, securityGroupIds, console, userData, ...kept } = one;
  const ring = new ConsoleRing();
  const posted = console.posted && { at: console.posted.at, output: Buffer.from(console.posted.output, 'base64') };
  ring.restore(Buffer.from(console.latest, 'base64'), posted);
  return {
    ...kept,
    clientToken: one.clientToken,
    instanceProfile: one.instanceProfile,
    stateReason: one.stateReason,
    runningSince: one.runningSince,
    image: ec2.images.get(one.image.id) ?? toImage(one.image),
    subnet: declared(ec2.subnets, subnetId, one.id),
    securityGroups: securityGroupIds.map((id) => declared(ec2.securityGroups, id, one.id)),
    userData: userData === undefined ? undefined : Buffer.from(userData, 'base64'),
    volumes: one.volumes.map((volume) => ({ ...volume, snapshotId: volume.snapshotId })),
    console: ring,
    machine: undefined,
  };
}

function declared<T>(things: ReadonlyMap<string, T>, id: string, instanceId: string): T {
  const found = things.get(id);
  if (found === undefined) throw new Error(`the instance ${instanceId} is in ${id}, which the templates do not declare any more`);
  return found;
}
