/** The tags everything of ours carries. What lacks the stack's tag is not ours. */
import type { Filter, Tag } from '@aws-sdk/client-ec2';

export const STACK = 'tandem:stack';
export const SERVICE = 'tandem:service';
export const RELEASE = 'tandem:release';
export const BUILD = 'tandem:build';
export const GROUP = 'tandem:group';
export const SLOT = 'tandem:slot';
export const BLOCKS = 'tandem:blocks';
/** On snapshots that are evidence. */
export const FAULT = 'tandem:fault';

export const toTags = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const tagValue = (tags: readonly Tag[] | undefined, key: string): string | undefined =>
  tags?.find((tag) => tag.Key === key)?.Value;

export const taggedBy = (stack: string, service: string): Filter[] => [
  { Name: `tag:${STACK}`, Values: [stack] },
  { Name: `tag:${SERVICE}`, Values: [service] },
];
