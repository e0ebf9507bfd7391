import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Dimensions } from '../../kernel/ports.ts';

const MAX_DIMENSIONS = 30;

export function toDimensions(list: readonly Dimension[] = []): Dimensions {
  if (list.length > MAX_DIMENSIONS) {
    throw new AwsError(
      'InvalidParameterValue',
      `A metric has at most ${MAX_DIMENSIONS} dimensions; this one has ${list.length}.`,
    );
  }
  return Object.fromEntries(list.map(({ Name = '', Value = '' }) => [Name, Value]));
}

export function fromDimensions(dimensions: Dimensions): Dimension[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
