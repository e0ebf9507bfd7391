import { z } from 'zod';
import { openAccount, type Account } from '../account.ts';
import { UsageError, type Command, type Io } from '../command.ts';
import { readItems, sayTime } from '../table.ts';
import { readFaults, tellFaults } from './faults-of.ts';

const release = z.object({
  version: z.string(),
  stage: z.string(),
  changedAt: z.number(),
  /** Old and new fail alike: it is held. */
  trouble: z.object({ since: z.number(), why: z.string() }).optional(),
  transitions: z.array(z.object({ stage: z.string(), at: z.number(), why: z.string(), by: z.string() })),
});
/** An upload that belongs to no release: its key says nothing that could be one. */
const refusal = z.object({ key: z.string(), at: z.number(), why: z.string() });

type Release = z.infer<typeof release>;
type Refusal = z.infer<typeof refusal>;

interface Recorded {
  readonly releases: readonly Release[];
  readonly refusals: readonly Refusal[];
}

export interface Asked {
  readonly service?: string | undefined;
  readonly version?: string | undefined;
  readonly now: number;
}

export type StatusAccount = Pick<Account, 'table'> & {
  readonly controlPlane: Pick<Account['controlPlane'], 'table' | 'imagesBucket'>;
};

/** Where refusals stand whose key names no service there is. */
const UNKNOWN_SERVICE = '?';
const MOST_REFUSALS_SHOWN = 20;

async function readRecorded(account: StatusAccount, { service, version }: Pick<Asked, 'service' | 'version'>): Promise<Recorded> {
  const strays = await readItems(account, { service: UNKNOWN_SERVICE, kind: 'REFUSAL', item: refusal });
  if (service === undefined) return { releases: [], refusals: strays.toSorted(newestRefusalFirst) };
  const releases = await readItems(account, { service, kind: 'RELEASE', item: release });
  const own = await readItems(account, { service, kind: 'REFUSAL', item: refusal });
  const prefix = version === undefined ? `${service}/` : `${service}/${version}/`;
  return {
    releases: releases
      .filter((one) => version === undefined || one.version === version)
      .toSorted((newer, older) => older.changedAt - newer.changedAt),
    refusals: [...own, ...strays].filter(({ key }) => key.startsWith(prefix)).toSorted(newestRefusalFirst),
  };
}

const newestRefusalFirst = (newer: Refusal, older: Refusal) => older.at - newer.at;

const HELD_STAGES = ['canary', 'debut', 'promoting'];

function tellHistory(one: Release, io: Io): void {
  io.tell(`${one.version}  ${one.stage}`);
  for (const step of one.transitions) io.tell(`  ${sayTime(step.at)}  ${step.stage.padEnd(12)}  ${step.why}`);
  if (one.trouble && HELD_STAGES.includes(one.stage))
    io.tell(
      `  ${sayTime(one.trouble.since)}  held          old and new fail alike: ${one.trouble.why}; order "promote" or "abort"`,
    );
}

/** The transition that brought it to its stage: what was refused since then has changed nothing. */
const becameSo = ({ transitions, stage }: Release) => transitions[transitions.findLastIndex((one) => one.stage !== stage) + 1];

function tellLast(one: Release, io: Io): void {
  const became = becameSo(one);
  io.tell(`${one.version.padEnd(14)} ${one.stage.padEnd(13)} ${sayTime(became?.at ?? one.changedAt)}  ${became?.why ?? ''}`);
}

function tellRefusals(refusals: readonly Refusal[], io: Io): void {
  if (refusals.length === 0) return;
  io.tell('refused, and part of no release:');
  for (const { at, why } of refusals.slice(0, MOST_REFUSALS_SHOWN)) io.tell(`  ${sayTime(at)}  ${why}`);
  const left = refusals.length - MOST_REFUSALS_SHOWN;
  if (left > 0) io.tell(`  and ${left} older; all with --json`);
}

const nothingOf = ({ service, version }: Pick<Asked, 'service' | 'version'>, bucket: string) => {
  if (service === undefined) return 'no upload was refused that named no service; name one: tandem status SERVICE';
  const what = version === undefined ? service : `${service}@${version}`;
  const key = `${service}/${version ?? 'VERSION'}`;
  return `nothing is recorded of ${what}; upload linux.raw and unikernel.raw to s3://${bucket}/${key}/`;
};

export async function showStatus(account: StatusAccount, asked: Asked, io: Io): Promise<void> {
  const recorded = await readRecorded(account, asked);
  if (recorded.releases.length + recorded.refusals.length === 0)
    throw new UsageError(nothingOf(asked, account.controlPlane.imagesBucket));
  const { service, version, now } = asked;
  const failed = service === undefined ? undefined : await readFaults(account, { service, version, now });
  io.emit({ ...recorded, ...failed });
  for (const one of recorded.releases) (asked.version === undefined ? tellLast : tellHistory)(one, io);
  tellRefusals(recorded.refusals, io);
  if (failed) tellFaults(failed, io);
}

export const status: Command = {
  name: 'status',
  summary:
    'Show the releases of a service and what failed lately; with a version, its history; without a service, uploads of none',
  usage: '[SERVICE [VERSION]]',
  options: {},
  async run([service, version], _options, io) {
    await showStatus(await openAccount(), { service, version, now: Date.now() }, io);
  },
};
