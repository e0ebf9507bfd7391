/** One item of the one table, written only where its revision is still what the writer read. */
import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, type PutCommandInput, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { recordConflict } from '../core/errors.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** A secondary index on one attribute, sorted by the items' own sort key. */
export interface ItemIndex {
  readonly name: string;
  readonly attribute: string;
}

export type Stored = Record<string, unknown>;

const thereIsNone = 'attribute_not_exists(#pk)';
const isAsRead = '#revision = :read';

export class DynamoItems {
  private readonly client: DynamoDBDocumentClient;
  private readonly table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async find(key: ItemKey): Promise<Stored | undefined> {
    const { Item } = await this.client.send(new GetCommand({ TableName: this.table, Key: key, ConsistentRead: true }));
    return Item && withoutKey(Item);
  }

  /**
   * A write that took effect but whose answer was lost is repeated by the SDK and then fails its own condition. So a
   * failed condition reads again: what is stored is what was to be stored means that it was written.
   */
  async put<T extends { readonly revision: number }>(key: ItemKey, what: string, record: T): Promise<T> {
    const next = { ...record, revision: record.revision + 1 };
    try {
      await this.client.send(new PutCommand({ TableName: this.table, Item: { ...next, ...key }, ...condition(record.revision) }));
      return next;
    } catch (cause) {
      if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
      if (isDeepStrictEqual(await this.find(key), plain(next))) return next;
      throw recordConflict(what, cause);
    }
  }

  /** Unconditional: for what is only ever written once, and the same on every repeat. */
  async write(key: ItemKey, content: Readonly<Stored>): Promise<void> {
    await this.client.send(new PutCommand({ TableName: this.table, Item: { ...content, ...key } }));
  }

  /** Keys of items whose indexed attribute has this value, and whose sort key begins so. Some seconds late (a GSI). */
  async keysBy(index: ItemIndex, value: string, skPrefix: string): Promise<readonly ItemKey[]> {
    const query = {
      TableName: this.table,
      IndexName: index.name,
      KeyConditionExpression: '#value = :value AND begins_with(#sk, :prefix)',
      ExpressionAttributeNames: { '#value': index.attribute, '#sk': 'sk' },
      ExpressionAttributeValues: { ':value': value, ':prefix': skPrefix },
    };
    const keys: ItemKey[] = [];
    for await (const page of paginateQuery({ client: this.client }, query))
      for (const { pk, sk } of page.Items ?? []) if (typeof pk === 'string' && typeof sk === 'string') keys.push({ pk, sk });
    return keys;
  }

  list(pk: string, skPrefix: string): Promise<readonly Stored[]> {
    return this.query(pk, 'begins_with(#sk, :from)', { ':from': skPrefix });
  }

  /** Sort keys from `from` to `to`, both included. */
  between(pk: string, from: string, to: string): Promise<readonly Stored[]> {
    return this.query(pk, '#sk BETWEEN :from AND :to', { ':from': from, ':to': to });
  }

  private async query(pk: string, which: string, values: Readonly<Record<string, string>>): Promise<readonly Stored[]> {
    const items: Stored[] = [];
    const query = {
      TableName: this.table,
      ConsistentRead: true,
      KeyConditionExpression: `#pk = :pk AND ${which}`,
      ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
      ExpressionAttributeValues: { ':pk': pk, ...values },
    };
    for await (const page of paginateQuery({ client: this.client }, query)) items.push(...(page.Items ?? []).map(withoutKey));
    return items;
  }
}

function condition(
  read: number,
): Pick<PutCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
  return read === 0
    ? { ConditionExpression: thereIsNone, ExpressionAttributeNames: { '#pk': 'pk' } }
    : {
        ConditionExpression: isAsRead,
        ExpressionAttributeNames: { '#revision': 'revision' },
        ExpressionAttributeValues: { ':read': read },
      };
}

const withoutKey = (item: Stored): Stored => {
  const rest = { ...item };
  delete rest['pk'];
  delete rest['sk'];
  return rest;
};

/** As DynamoDB gives it back: without the fields that are undefined. */
const plain = (record: unknown): unknown => JSON.parse(JSON.stringify(record));
