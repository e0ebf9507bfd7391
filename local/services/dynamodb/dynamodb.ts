import { TemplateError } from '../../kernel/properties.ts';
import type { DeclaredResource, Physical } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import type { WireService } from '../../gateway/gateway.ts';
import { Engine } from './engine.ts';
import { toGlobalTable, toTable } from './resource.ts';
import type { TableInput } from './resource.ts';
import { loadTables, saveTables } from './saved.ts';

const GAPS = [
  'Items do not expire (no TTL); there are no streams, transactions, PartiQL, backups or capacity limits.',
  'A state folder keeps the items of tables that the templates declare, and no others.',
  'ReturnValuesOnConditionCheckFailure is ignored; reads are always consistent.',
];

/** DynamoDB is dynalite, which reads its own wire. */
export function createDynamoDb(world: World, options: { readonly path?: string } = {}): WireService {
  const engine = new Engine(options.path);
  const tables = new Set<string>();
  const declare = (toInput: (resource: DeclaredResource) => TableInput) => async (resource: DeclaredResource) => {
    const input = toInput(resource);
    await createTable(engine, resource, input);
    tables.add(input.TableName);
    return toPhysical(world, input.TableName);
  };
  return {
    name: 'dynamodb',
    operations: {},
    resources: { 'AWS::DynamoDB::Table': declare(toTable), 'AWS::DynamoDB::GlobalTable': declare(toGlobalTable) },
    gaps: GAPS,
    respond: (request) => engine.respond(request),
    save: () => saveTables(engine, [...tables]),
    load: (saved) => loadTables(engine, [...tables], saved),
    stop: () => engine.stop(),
  };
}

/** A table that is there already is kept state, found again. */
async function createTable(engine: Engine, resource: DeclaredResource, input: TableInput): Promise<void> {
  const { status, body } = await engine.ask('CreateTable', input);
  if (status !== 200 && !JSON.stringify(body).includes('ResourceInUseException'))
    throw new TemplateError(`${resource.path}: DynamoDB refuses the table: ${JSON.stringify(body)}`);
  // Active comes after a timer of dynalite's, of no length; nothing else waits for it.
  while (
    !JSON.stringify((await engine.ask('DescribeTable', { TableName: input.TableName })).body).includes('"TableStatus":"ACTIVE"')
  )
    await new Promise((resolve) => setImmediate(resolve));
}

function toPhysical({ account }: World, name: string): Physical {
  const arn = `arn:${account.partition}:dynamodb:${account.region}:${account.id}:table/${name}`;
  return { ref: name, attributes: { Arn: arn } };
}
