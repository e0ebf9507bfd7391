import type { DescribeTagsInput, DescribeTagsOutput, Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalid } from '../core/errors.ts';
import type { ElbState } from '../core/state.ts';

export function describeTags(state: ElbState, { ResourceArns = [] }: DescribeTagsInput): DescribeTagsOutput {
  return { TagDescriptions: ResourceArns.map((arn) => ({ ResourceArn: arn, Tags: toList(tagsOf(state, arn)) })) };
}

function tagsOf(state: ElbState, arn: string): Readonly<Record<string, string>> {
  if (arn.includes(':targetgroup/')) return state.getGroup(arn).tags;
  if (arn.includes(':listener-rule/')) return state.getRule(arn).tags;
  if (arn.includes(':listener/')) return (state.getListener(arn), {});
  if (arn.includes(':loadbalancer/')) return state.getLoadBalancer(arn).tags;
  throw invalid(`'${arn}' is not the ARN of a load balancer, listener, rule or target group`);
}

const toList = (tags: Readonly<Record<string, string>>): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export function toRecord(tags: readonly Tag[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
