import type { Machine } from './language/definition.ts';

export interface DeclaredMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly createdAt: number;
  /** As declared, for DescribeStateMachine. */
  readonly text: string;
  readonly definition: Machine;
}
