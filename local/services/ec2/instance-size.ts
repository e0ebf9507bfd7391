/** vCPUs, memory and quota of instance types, by the rules their names follow (EC2 User Guide, instance type specifications). */
import { isGraviton } from './instance-type.ts';

export interface InstanceSize {
  readonly vcpus: number;
  readonly threadsPerCore: number;
  readonly memoryMib: number;
}

const BURSTABLE_GIB: Readonly<Record<string, number>> = {
  nano: 0.5,
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  '2xlarge': 32,
};
/** GiB a vCPU, by family letter. */
const GIB: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };

/** Undefined for families this page does not know. */
export function sizeOf(type: string): InstanceSize | undefined {
  const [family = '', size = ''] = type.split('.');
  const vcpus = vcpusOf(type);
  const gib = /^t(2|3a?|4g)$/.test(family) ? BURSTABLE_GIB[size] : memoryOf(family, vcpus);
  if (vcpus === undefined || gib === undefined) return undefined;
  const threadsPerCore = isGraviton(type) || family === 't2' || vcpus === 1 ? 1 : 2;
  return { vcpus, threadsPerCore, memoryMib: gib * 1024 };
}

const memoryOf = (family: string, vcpus: number | undefined): number | undefined => {
  const perVcpu = /^[cmr][4-9][a-z-]*$/.test(family) ? GIB[family.charAt(0)] : undefined;
  return perVcpu === undefined || vcpus === undefined ? undefined : perVcpu * vcpus;
};

function vcpusOf(type: string): number | undefined {
  const [family = '', size = ''] = type.split('.');
  if (['nano', 'micro', 'small'].includes(size)) return family === 't2' ? 1 : 2;
  if (size === 'medium') return family.startsWith('t') ? 2 : 1;
  if (size === 'large') return 2;
  const [, times] = /^(\d*)xlarge$/.exec(size) ?? [];
  return times === undefined ? undefined : 4 * (times === '' ? 1 : Number(times));
}

/** What a launch of the type counts as: a type this page does not know, as one vCPU. */
export const countedVcpus = (type: string): number => vcpusOf(type) ?? 1;

const STANDARD = 'L-1216C47A';
const OTHERS: Readonly<Record<string, string>> = {
  dl: 'L-6E869C2A',
  f: 'L-74FC7D96',
  g: 'L-DB2E81BA',
  gr: 'L-DB2E81BA',
  vt: 'L-DB2E81BA',
  hpc: 'L-F7808C92',
  u: 'L-43DA4232',
  inf: 'L-1945791B',
  p: 'L-417A185B',
  trn: 'L-2C3B7624',
  x: 'L-7295265B',
};

/** The quota of on-demand vCPUs a type counts towards. */
export const quotaCodeOf = (type: string): string => OTHERS[/^[a-z]+/.exec(type)?.[0] ?? ''] ?? STANDARD;
