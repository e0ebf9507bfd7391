/** The table on dynalite, as local DynamoDB runs it: a fresh one for every test. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { DynamoItems } from '../../adapters/dynamo-items.ts';

export async function openDynalite() {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', credentials });
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  let tables = 0;
  return {
    documents,
    async table(): Promise<DynamoItems> {
      return new DynamoItems(documents, await this.tableName());
    },
    async tableName(): Promise<string> {
      const TableName = `tandem-${++tables}`;
      const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE') => ({ AttributeName, KeyType });
      await client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
          AttributeDefinitions: ['pk', 'sk', 'instanceId'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
          GlobalSecondaryIndexes: [
            {
              IndexName: 'by-instance',
              KeySchema: [key('instanceId', 'HASH'), key('sk', 'RANGE')],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
          ],
        }),
      );
      await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName });
      return TableName;
    },
    async close() {
      client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
