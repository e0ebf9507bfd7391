/** What a Task's Resource calls. */
export type TaskKind = 'lambda' | 'start-execution' | 'start-execution-sync' | 'aws-sdk';

export interface TaskResource {
  readonly kind: TaskKind;
  /** As the history has them: `lambda` and `invoke`, `aws-sdk:dynamodb` and `getItem`. */
  readonly resourceType: string;
  readonly resource: string;
}

const OPTIMIZED: Readonly<Record<string, TaskKind>> = {
  'lambda:invoke': 'lambda',
  'states:startExecution': 'start-execution',
  'states:startExecution.sync:2': 'start-execution-sync',
};

/** For messages. */
export const KNOWN_RESOURCES = [...Object.keys(OPTIMIZED), 'aws-sdk:<service>:<action>'];

/** Undefined for a resource this interpreter does not call. */
export function resourceOf(arn: string): TaskResource | undefined {
  const name = /^arn:[\w-]+:states:::(.+)$/.exec(arn)?.[1];
  if (name === undefined) return undefined;
  const sdk = /^(aws-sdk:[a-z0-9]+):([a-z][A-Za-z0-9]*)$/.exec(name);
  if (sdk !== null) return { kind: 'aws-sdk', resourceType: sdk[1] ?? '', resource: sdk[2] ?? '' };
  const kind = OPTIMIZED[name];
  const [resourceType = '', ...action] = name.split(':');
  return kind === undefined ? undefined : { kind, resourceType, resource: action.join(':') };
}
