import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Gateway } from '../../../local/gateway/gateway.ts';
import type { WireService } from '../../../local/gateway/gateway.ts';
import { CutConnection } from '../../../local/gateway/hooks.ts';
import { installInProcess } from '../../../local/gateway/in-process.ts';
import { createGatewayServer } from '../../../local/gateway/server.ts';
import type { DeclaredResource } from '../../../local/kernel/service.ts';
import { createDynamoDb } from '../../../local/services/dynamodb/dynamodb.ts';
import { CREDENTIALS, testWorld } from '../gateway/harness.ts';

const KEYS = {
  AttributeDefinitions: ['pk', 'sk', 'state'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    { IndexName: 'by-state', KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
  ],
};

const table = (type: string, properties: Record<string, unknown>): DeclaredResource => ({
  stack: 'tandem',
  logicalId: 'Table',
  type,
  path: 'tandem/Table',
  properties,
});

const declare = async (service: WireService, resource: DeclaredResource) => service.resources[resource.type]!(resource);

async function inProcess<T>(
  run: (client: DynamoDBDocumentClient, service: WireService, gateway: Gateway) => Promise<T>,
  path?: string,
): Promise<T> {
  const world = testWorld('http://127.0.0.1:1');
  const service = createDynamoDb(world, path === undefined ? {} : { path });
  const gateway = new Gateway(world, [service]);
  const installed = installInProcess(
    createGatewayServer(gateway, () => world.time.now()),
    world.account.endpoint,
  );
  const client = new DynamoDBClient({
    endpoint: world.account.endpoint,
    region: 'eu-central-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  try {
    return await run(DynamoDBDocumentClient.from(client), service, gateway);
  } finally {
    installed.uninstall();
    await service.stop?.();
  }
}

it('makes tables from both kinds of template resource, in process, and keeps items under conditions', async () => {
  for (const [type, more] of [
    ['AWS::DynamoDB::Table', { TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } }],
    ['AWS::DynamoDB::GlobalTable', { Replicas: [{ Region: 'eu-central-1', PointInTimeRecoverySpecification: {}, Tags: [] }] }],
  ] as const)
    await inProcess(async (client, service) => {
      const { ref, attributes } = await declare(service, table(type, { ...KEYS, ...more }));
      expect(ref).toMatch(/^tandem-Table-[0-9A-F]{12}$/);
      expect(attributes['Arn']).toBe(`arn:aws:dynamodb:eu-central-1:123456789012:table/${ref}`);
      const key = { TableName: ref, Key: { pk: 'S#web', sk: 'RECORD' } };
      await client.send(
        new PutCommand({ TableName: ref, Item: { ...key.Key, state: 'baking', fence: 1, list: [1, 'a', null, { deep: true }] } }),
      );
      const update = (from: number) =>
        client.send(
          new UpdateCommand({
            ...key,
            UpdateExpression: 'SET fence = fence + :one',
            ConditionExpression: 'fence = :from',
            ExpressionAttributeValues: { ':one': 1, ':from': from },
          }),
        );
      await update(1);
      await expect(update(1)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
      expect((await client.send(new GetCommand(key))).Item).toEqual({
        ...key.Key,
        state: 'baking',
        fence: 2,
        list: [1, 'a', null, { deep: true }],
      });
      const found = await client.send(
        new QueryCommand({
          TableName: ref,
          IndexName: 'by-state',
          KeyConditionExpression: '#s = :s',
          ExpressionAttributeNames: { '#s': 'state' },
          ExpressionAttributeValues: { ':s': 'baking' },
        }),
      );
      expect(found.Count).toBe(1);
    });
});

it('refuses what it does not keep: streams, a second region, a table DynamoDB would refuse', async () => {
  await inProcess(async (_client, service) => {
    const refused = (type: string, properties: Record<string, unknown>) =>
      expect(declare(service, table(type, { ...KEYS, ...properties }))).rejects;
    await refused('AWS::DynamoDB::Table', { StreamSpecification: {} }).toThrow('does not have StreamSpecification');
    await refused('AWS::DynamoDB::GlobalTable', { Replicas: [{ Region: 'a' }, { Region: 'b' }] }).toThrow('one region');
    await refused('AWS::DynamoDB::Table', { AttributeDefinitions: [] }).toThrow('DynamoDB refuses the table');
  });
});

it('is under the gateway’s hooks as every service is', async () => {
  await inProcess(async (client, service, gateway) => {
    const { ref } = await declare(service, table('AWS::DynamoDB::Table', KEYS));
    const seen: string[] = [];
    const put = () => client.send(new PutCommand({ TableName: ref, Item: { pk: 'a', sk: 'b' } }));
    gateway.hooks = {
      before: (call) => void seen.push(`${call.service} ${call.operation}`),
      after: () => {
        throw new CutConnection();
      },
    };
    await expect(put()).rejects.toThrow();
    gateway.hooks = { after: (_call, failure) => void seen.push(failure?.code ?? 'fine') };
    const again = new PutCommand({ TableName: ref, Item: { pk: 'a', sk: 'b' }, ConditionExpression: 'attribute_not_exists(pk)' });
    await expect(client.send(again)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    gateway.hooks = {};
    expect(seen).toEqual(['dynamodb PutItem', 'ConditionalCheckFailedException']);
    expect((await client.send(new GetCommand({ TableName: ref, Key: { pk: 'a', sk: 'b' } }))).Item).toEqual({ pk: 'a', sk: 'b' });
  });
});

it('answers operations it lacks as DynamoDB does', async () => {
  await inProcess(async (client) => {
    const ttl = new UpdateTimeToLiveCommand({ TableName: 'x', TimeToLiveSpecification: { AttributeName: 'a', Enabled: true } });
    await expect(client.send(ttl)).rejects.toMatchObject({ name: 'UnknownOperationException' });
    await expect(client.send(new DescribeTableCommand({ TableName: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const wrong = { TableName: 'x', KeySchema: [], AttributeDefinitions: [] };
    await expect(client.send(new CreateTableCommand(wrong))).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

it('finds kept tables and items again', async () => {
  const path = await mkdtemp(join(tmpdir(), 'dynamodb-'));
  const resource = table('AWS::DynamoDB::Table', KEYS);
  try {
    const name = await inProcess(async (client, service) => {
      const { ref } = await declare(service, resource);
      await client.send(new PutCommand({ TableName: ref, Item: { pk: 'a', sk: 'b', kept: true } }));
      return ref;
    }, path);
    await inProcess(async (client, service) => {
      expect((await declare(service, resource)).ref).toBe(name);
      expect((await client.send(new GetCommand({ TableName: name, Key: { pk: 'a', sk: 'b' } }))).Item).toMatchObject({
        kept: true,
      });
    }, path);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
});
