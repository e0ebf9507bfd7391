/** The numbers a verdict rests on, as they are kept with the release. */
import type { ServiceFile } from '../service/service-file.ts';
import type { VerdictTest } from '../release/release.ts';
import { comparedMetrics, judgePolicy, metricKey } from './judge-policy.ts';
import type { GroupWatch, JudgementRecord } from './judgement.ts';
import type { LimitFinding } from './limits.ts';
import { rateOf } from './sequential/counts.ts';
import { gaugeTest, type History } from './sequential/policy.ts';
import type { Look } from './sequential/look.ts';
import { evidenceOf } from './sequential/weigh.ts';

interface Facts {
  readonly file: ServiceFile;
  readonly watch: GroupWatch;
  readonly minutes: number;
  readonly history?: History | undefined;
}

interface Found {
  readonly findings: readonly LimitFinding[];
  readonly look: Look | undefined;
}

export function verdictTests(record: JudgementRecord, facts: Facts, { findings, look }: Found): readonly VerdictTest[] {
  return [
    ...findings.map((one) => limitTest(facts.file, one)),
    ...(look?.findings ?? []).map((one) => ({ ...one, evidence: evident(one.evidence), ...gaugeRates(record, one.test) })),
    ...(look ? dryRuns(record, facts) : []),
  ];
}

function limitTest({ limits }: ServiceFile, { ailment, watched, reference, limitPercent }: LimitFinding): VerdictTest {
  const slow = ailment.kind === 'slow' ? limits.slow[ailment.limit] : undefined;
  return {
    test: slow ? `limit: over ${slow.overMs} ms` : 'limit: errors',
    watched: brief(rateOf(watched)),
    ...(reference && { reference: brief(rateOf(reference)) }),
    threshold: limitPercent / 100,
    samples: watched.exposure,
  };
}

/** Means of the minutes in which both had a value. */
function gaugeRates({ gauges }: JudgementRecord, test: string): Pick<VerdictTest, 'watched' | 'reference'> {
  const [, sums] = Object.entries(gauges).find(([key]) => gaugeTest(key) === test) ?? [];
  return sums ? { watched: brief(sums.watched / sums.samples), reference: brief(sums.reference / sums.samples) } : {};
}

function dryRuns(record: JudgementRecord, facts: Facts): readonly VerdictTest[] {
  const policy = judgePolicy({ ...facts, lastLooks: 0 });
  const dry = comparedMetrics(facts.file, facts.watch).filter(({ dryRun }) => dryRun);
  return dry.map((metric) => {
    const test = gaugeTest(metricKey(metric));
    const evidence = evident(evidenceOf(record.state, policy, test));
    const samples = record.state.bets[test] ?? 0;
    return { test, ...gaugeRates(record, test), evidence, threshold: 1 / policy.alpha, samples, dryRun: true };
  });
}

const brief = (value: number) => Number(value.toPrecision(4));
/** A number beyond 2^53 cannot be kept, and nobody needs it. */
const MOST_EVIDENCE = 1e9;
const evident = (value: number) => Math.min(MOST_EVIDENCE, brief(value));
