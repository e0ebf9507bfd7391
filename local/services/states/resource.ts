import { takeProperties } from '../../kernel/properties.ts';
import type { DeclaredResource, Physical } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import type { Expressions } from './language/expressions.ts';
import { readDefinition, refusal } from './language/read-definition.ts';
import type { DeclaredMachine } from './machine.ts';
import type { StatesStore } from './store.ts';

/** AWS::StepFunctions::StateMachine. */
export function declareStateMachine(world: World, store: StatesStore, expressions: Expressions) {
  return (resource: DeclaredResource): Physical => {
    const properties = takeProperties(resource, ['DefinitionString', 'StateMachineName', 'StateMachineType', 'RoleArn'], {
      LoggingConfiguration: 'the trace has every event already',
      TracingConfiguration: 'there is no X-Ray here',
      Tags: 'nothing asks a state machine for its tags',
    });
    if ((properties.text('StateMachineType') ?? 'STANDARD') !== 'STANDARD') {
      throw refusal([`${resource.path}: only STANDARD state machines run here`]);
    }
    const text = properties.getText('DefinitionString');
    const name = properties.text('StateMachineName') ?? `${resource.logicalId}-${world.random.hex(12)}`;
    const arn = store.machineArn(name);
    const definition = named(resource.path, () => readDefinition(text, expressions));
    const machine = { arn, name, roleArn: properties.getText('RoleArn'), createdAt: world.time.now(), text, definition };
    const revisionId = revisionOf(world, store, machine);
    store.add({ ...machine, revisionId });
    return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revisionId } };
  };
}

/** The first has no id of its own; `INITIAL` stands for it (AWS: PublishStateMachineVersion, revisionId). */
function revisionOf(world: World, store: StatesStore, { arn, text, roleArn }: Omit<DeclaredMachine, 'revisionId'>): string {
  const before = store.machines.find((machine) => machine.arn === arn);
  if (before === undefined) return 'INITIAL';
  return before.text === text && before.roleArn === roleArn ? before.revisionId : world.random.uuid();
}

/** AWS::StepFunctions::StateMachineVersion. */
export function declareStateMachineVersion(store: StatesStore) {
  return (resource: DeclaredResource): Physical => {
    const properties = takeProperties(resource, ['StateMachineArn', 'StateMachineRevisionId'], {
      Description: 'nothing asks a version for its description',
    });
    const arn = store.publish(properties.getText('StateMachineArn'), properties.text('StateMachineRevisionId'));
    return { ref: arn, attributes: { Arn: arn } };
  };
}

/** Says which resource of the template a refusal concerns. */
function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
