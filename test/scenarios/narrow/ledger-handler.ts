/** The narrow proof's function: keeps a ledger in S3 by conditional writes, as the real functions keep their records. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client();
const events = new EventBridgeClient();
const Bucket = process.env.BUCKET;

interface Ledger {
  readonly etag?: string | undefined;
  readonly entries: readonly { readonly name: string; readonly at: string }[];
}

async function readLedger(): Promise<Ledger> {
  try {
    const found = await s3.send(new GetObjectCommand({ Bucket, Key: 'ledger.json' }));
    return { etag: found.ETag, entries: JSON.parse((await found.Body?.transformToString()) ?? '[]') as Ledger['entries'] };
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return { entries: [] };
    throw error;
  }
}

/** Writes the entry once, however often it is asked to; a writer in between is met by the condition. */
async function enter(name: string, at: string): Promise<void> {
  const { etag, entries } = await readLedger();
  if (entries.some((entry) => entry.name === name)) return;
  const Body = JSON.stringify([...entries, { name, at }]);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'ledger.json', Body, ...(etag ? { IfMatch: etag } : { IfNoneMatch: '*' }) }));
}

interface Step {
  readonly op: 'enter' | 'announce' | 'receive';
  readonly name: string;
  readonly at: string;
}

export async function handler({ op, name, at }: Step) {
  console.log(JSON.stringify({ op, name, at }));
  if (op === 'announce') {
    const Detail = JSON.stringify({ op: 'receive', name: `${name} received`, at });
    await events.send(new PutEventsCommand({ Entries: [{ Source: 'narrow', DetailType: 'Announced', Detail }] }));
  } else {
    await enter(name, at);
  }
  return { kind: 'done', why: `${op} ${name}` };
}
