/** What the functions have recorded, read for the operator. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { Account } from './account.ts';

export type Table = Pick<Account, 'table'> & { readonly controlPlane: Pick<Account['controlPlane'], 'table'> };

interface Wanted<Item> {
  readonly service: string;
  /** What the sort keys begin with, before their `#`. */
  readonly kind: string;
  /** Where to begin behind it. */
  readonly from?: string;
  readonly item: z.ZodType<Item>;
}

/** All of them, in the order of their keys, as they are now. */
export async function readItems<Item>({ table, controlPlane }: Table, wanted: Wanted<Item>): Promise<readonly Item[]> {
  const { service, kind, from = '', item } = wanted;
  // The character after "#": no key of that kind is beyond it.
  const keys = { ':pk': `SERVICE#${service}`, ':from': `${kind}#${from}`, ':to': `${kind}$` };
  const found: Item[] = [];
  let next: Record<string, unknown> | undefined;
  do {
    const page = await table.send(
      new QueryCommand({
        TableName: controlPlane.table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: keys,
        ConsistentRead: true,
        ExclusiveStartKey: next,
      }),
    );
    found.push(...z.array(item).parse(page.Items ?? []));
    next = page.LastEvaluatedKey;
  } while (next);
  return found;
}

/** To the second, in UTC. */
export const sayTime = (at: number) => new Date(at).toISOString().slice(0, 19) + 'Z';
