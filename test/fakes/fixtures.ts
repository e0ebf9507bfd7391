/** Nouns for tests: valid as they are, with what the test is about given. */
import type { Slot } from '../../core/fleet/fleet.ts';
import type { ReleaseRecord, ServiceRecord } from '../../core/release/release.ts';
import { newRelease, newService } from '../../core/release/release.ts';
import { serviceFileSchema } from '../../core/service/service-file.ts';
import type { Group, Service } from '../../core/service/service.ts';
import { GROUPS } from '../../core/service/service.ts';

export const T0 = Date.UTC(2027, 0, 4, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

const byGroup = (prefix: string) =>
  Object.fromEntries(GROUPS.map((group) => [group, `${prefix}/${group}`])) as Record<Group, string>;

/** `file` as a user would write it. */
export function service(file: Record<string, unknown> = {}, zones = 3): Service {
  return {
    file: serviceFileSchema.parse({ name: 'web', ...file }),
    resources: {
      launchTemplates: { linux: { id: 'lt-linux', version: '1' }, unikernel: { id: 'lt-unikernel', version: '1' } },
      subnets: Array.from({ length: zones }, (_, index) => ({ id: `subnet-${index}`, zone: `zone-${index}` })),
      targetGroups: byGroup('arn:tg'),
      listener: 'arn:listener',
      metrics: { loadBalancer: 'app/web/1', targetGroups: byGroup('targetgroup') },
    },
  };
}

export const images = (version: string): ReleaseRecord['images'] => ({
  linux: { key: `web/${version}/linux.raw`, versionId: `l-${version}`, bytes: 100, etag: 'l', imageId: `ami-linux-${version}` },
  unikernel: {
    key: `web/${version}/unikernel.raw`,
    versionId: `u-${version}`,
    bytes: 50,
    etag: 'u',
    imageId: `ami-unikernel-${version}`,
  },
});

export const release = (given: Partial<ReleaseRecord> = {}): ReleaseRecord => {
  const version = given.version ?? '2.0.0';
  return { ...newRelease('web', version, T0), images: images(version), ...given };
};

export const record = (given: Partial<ServiceRecord> = {}): ServiceRecord => ({ ...newService('web'), ...given });

export const slot = (given: Partial<Slot> = {}): Slot => ({
  id: 'blue-1-1',
  service: 'web',
  group: 'blue',
  build: 'unikernel',
  version: '1.0.0',
  zone: 'zone-0',
  subnet: 'subnet-0',
  imageId: 'ami-unikernel-1.0.0',
  fence: 1,
  attempt: 1,
  state: 'launched',
  instanceId: `i-${given.id ?? 'blue-1-1'}`,
  recordedAt: T0,
  revision: 1,
  ...given,
});
