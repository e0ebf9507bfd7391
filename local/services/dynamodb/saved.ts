/** The items of tables, as a state file keeps them: in DynamoDB's own JSON. */
import * as z from 'zod';
import type { Engine } from './engine.ts';

const items = z.array(z.record(z.string(), z.unknown()));
const savedTables = z.record(z.string(), items);
const scanned = z.object({ Items: items, LastEvaluatedKey: z.unknown().optional() });

type SavedTables = z.infer<typeof savedTables>;
type Item = SavedTables[string][number];

export async function saveTables(engine: Engine, names: readonly string[]): Promise<SavedTables> {
  const tables = await Promise.all(names.map(async (name) => [name, await allItems(engine, name)] as const));
  return Object.fromEntries(tables);
}

async function allItems(engine: Engine, table: string): Promise<Item[]> {
  const found: Item[] = [];
  let from: unknown;
  do {
    const page = scanned.parse(
      await ask(engine, 'Scan', { TableName: table, ...(from !== undefined && { ExclusiveStartKey: from }) }),
    );
    found.push(...page.Items);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return found;
}

export async function loadTables(engine: Engine, names: readonly string[], saved: unknown): Promise<readonly string[]> {
  const tables = savedTables.parse(saved);
  for (const name of names) for (const item of tables[name] ?? []) await ask(engine, 'PutItem', { TableName: name, Item: item });
  return [];
}

async function ask(engine: Engine, operation: string, input: unknown): Promise<unknown> {
  const { status, body } = await engine.ask(operation, input);
  if (status !== 200) throw new Error(`${operation} is refused: ${JSON.stringify(body)}`);
  return body;
}
