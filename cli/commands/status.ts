import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { openAccount, type Account } from '../account.ts';
import { UsageError, type Command, type Io } from '../command.ts';

const release = z.object({
  version: z.string(),
  stage: z.string(),
  changedAt: z.number(),
  transitions: z.array(z.object({ stage: z.string(), at: z.number(), why: z.string(), by: z.string() })),
});

type Release = z.infer<typeof release>;

async function readReleases(account: Account, service: string): Promise<readonly Release[]> {
  const found: Release[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await account.table.send(
      new QueryCommand({
        TableName: account.controlPlane.table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': `SERVICE#${service}`, ':sk': 'RELEASE#' },
        ConsistentRead: true,
        ExclusiveStartKey: from,
      }),
    );
    found.push(...z.array(release).parse(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return found.sort((newer, older) => older.changedAt - newer.changedAt);
}

const time = (at: number) => new Date(at).toISOString().slice(0, 19) + 'Z';

function tellRelease(one: Release, io: Io): void {
  io.tell(`${one.version}  ${one.stage}`);
  for (const step of one.transitions) io.tell(`  ${time(step.at)}  ${step.stage.padEnd(12)}  ${step.why}`);
}

export const status: Command = {
  name: 'status',
  summary: 'Show the releases of a service, newest change first; with a version, its history',
  usage: 'SERVICE [VERSION]',
  options: {},
  async run([service, version], _options, io) {
    if (!service) throw new UsageError(`usage: tandem status ${this.usage}`);
    const releases = await readReleases(await openAccount(), service);
    const shown = releases.filter((one) => !version || one.version === version);
    if (shown.length === 0)
      throw new UsageError(`no release ${version ?? ''} of "${service}" is recorded; upload one to the images bucket`);
    io.emit(shown);
    if (version) shown.forEach((one) => tellRelease(one, io));
    else
      shown.forEach((one) =>
        io.tell(`${one.version.padEnd(14)} ${one.stage.padEnd(13)} ${time(one.changedAt)}  ${one.transitions.at(-1)?.why ?? ''}`),
      );
  },
};
