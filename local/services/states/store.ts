/** The machines and executions of the account, and the rules of starting one. */
import { AwsError } from '../../kernel/aws-error.ts';
import type { World } from '../../kernel/world.ts';
import { Execution } from './execution.ts';
import type { ExecutionParts } from './execution.ts';
import type { DeclaredMachine } from './machine.ts';
import { checkName, parseInput } from './start-rules.ts';

/** AWS keeps the name of an ended execution for 90 days. */
const NAME_KEPT_MS = 90 * 86_400_000;

export class StatesStore {
  readonly #world: World;
  readonly #machines = new Map<string, DeclaredMachine>();
  /** Published, by version ARN: they stay as they are. */
  readonly #versions = new Map<string, DeclaredMachine>();
  readonly #executions = new Map<string, Execution>();

  constructor(world: World) {
    this.#world = world;
  }

  get machines(): readonly DeclaredMachine[] {
    return [...this.#machines.values()];
  }

  /** Newest first, as ListExecutions has them. */
  executionsOf({ arn, versionArn }: DeclaredMachine): readonly Execution[] {
    const all = [...this.#executions.values()].filter(({ machine }) => machine.arn === arn);
    return all.filter(({ machine }) => versionArn === undefined || machine.versionArn === versionArn).reverse();
  }

  machineArn(name: string): string {
    return this.#arn(`stateMachine:${name}`);
  }

  add(machine: DeclaredMachine): void {
    this.#machines.set(machine.arn, machine);
  }

  /** The machine as it is now, under a version ARN. A revision that is published already keeps its version (as on AWS). */
  publish(machineArn: string, revisionId: string | undefined): string {
    const machine = this.machine(machineArn);
    if (revisionId !== undefined && revisionId !== machine.revisionId) {
      throw new AwsError('ConflictException', `The revision of '${machineArn}' is ${machine.revisionId}, not ${revisionId}`);
    }
    const published = [...this.#versions.values()].filter(({ arn }) => arn === machine.arn);
    const known = published.find((version) => version.revisionId === machine.revisionId)?.versionArn;
    if (known !== undefined) return known;
    const versionArn = `${machine.arn}:${published.length + 1}`;
    this.#versions.set(versionArn, { ...machine, createdAt: this.#world.time.now(), versionArn });
    return versionArn;
  }

  /** By its ARN, or by that of a version. */
  machine(arn: string): DeclaredMachine {
    const machine = this.#machines.get(arn) ?? this.#versions.get(arn);
    if (machine !== undefined) return machine;
    checkArn(arn, 'stateMachine');
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  execution(arn: string): Execution {
    const execution = this.#executions.get(arn);
    if (execution !== undefined) return execution;
    checkArn(arn, 'execution');
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /**
   * Makes an execution, or finds the running one of that name and input (AWS: starting is idempotent while it runs; another
   * input, or an execution that has ended, is ExecutionAlreadyExists).
   */
  start(
    parts: ExecutionParts,
    request: { machineArn: string; input: string; name: string },
  ): { execution: Execution; isNew: boolean } {
    const { machineArn, input, name } = request;
    const machine = this.machine(machineArn);
    checkName(name);
    const parsed = parseInput(input);
    const arn = this.#arn(`execution:${machine.name}:${name}`);
    const known = this.#executions.get(arn);
    if (known !== undefined && !this.#isForgotten(known)) {
      if (known.end === undefined && known.input === input) return { execution: known, isNew: false };
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution = new Execution(parts, machine, { arn, name, input, parsed });
    this.#executions.delete(arn);
    this.#executions.set(arn, execution);
    return { execution, isNew: true };
  }

  /** Oldest first. */
  get executions(): readonly Execution[] {
    return [...this.#executions.values()];
  }

  /** One of a run before. */
  restore(execution: Execution): void {
    this.#executions.set(execution.arn, execution);
  }

  #isForgotten(execution: Execution): boolean {
    return execution.end !== undefined && this.#world.time.now() - execution.end.at > NAME_KEPT_MS;
  }

  #arn(resource: string): string {
    const { partition, region, id } = this.#world.account;
    return `arn:${partition}:states:${region}:${id}:${resource}`;
  }
}

function checkArn(arn: string, kind: 'stateMachine' | 'execution'): void {
  const form = new RegExp(`^arn:[^:]+:states:[^:]+:[^:]+:${kind}:[^:]+${kind === 'execution' ? ':[^:]+' : '(:[^:]+)?'}$`);
  if (!form.test(arn)) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}' is not the ARN of a ${kind}`);
}
