import { serviceFileSchema } from '../../core/service/service-file.ts';
import type { Group, Service } from '../../core/service/service.ts';

const GROUPS: readonly Group[] = ['blue', 'green', 'canary', 'baseline', 'control'];
const perGroup = (value: (group: Group) => string) =>
  Object.fromEntries(GROUPS.map((group) => [group, value(group)])) as Record<Group, string>;

export const aService = (file: Readonly<Record<string, unknown>> = {}): Service => ({
  file: serviceFileSchema.parse({ name: 'hello', ...file }),
  resources: {
    launchTemplates: { linux: { id: 'lt-1', version: '3' }, unikernel: { id: 'lt-2', version: '7' } },
    subnets: [{ id: 'subnet-1', zone: 'eu-west-1a' }],
    targetGroups: perGroup((group) => `arn:tg/${group}`),
    listener: 'arn:listener',
    metrics: { loadBalancer: 'app/hello/1', targetGroups: perGroup((group) => `targetgroup/${group}/1`) },
  },
});
