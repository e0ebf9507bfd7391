/**
 * Which quota counts the vCPUs of an instance type. On-demand vCPUs are limited per group of families, and a family is
 * the letters before the first digit (EC2 User Guide, "On-Demand Instance quotas", whose links have the codes).
 */
const QUOTA_OF_FAMILY: Readonly<Record<string, string>> = {
  // Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances; im and is are of the I families.
  ...Object.fromEntries(['a', 'c', 'd', 'h', 'i', 'im', 'is', 'm', 'r', 't', 'z'].map((family) => [family, 'L-1216C47A'])),
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

/** Undefined for families that are not limited by vCPUs (mac), or not known here. */
export function vcpuQuotaOf(instanceType: string): string | undefined {
  const [, family = ''] = /^([a-z]+)-?\d/.exec(instanceType) ?? [];
  return QUOTA_OF_FAMILY[family];
}
