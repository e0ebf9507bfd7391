import type { Machine } from './language/definition.ts';

export interface DeclaredMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly createdAt: number;
  /** Another with each change of the definition or the role. */
  readonly revisionId: string;
  /** Of a published version: `<arn>:<number>`. */
  readonly versionArn?: string;
  /** As declared, for DescribeStateMachine. */
  readonly text: string;
  readonly definition: Machine;
}
