/**
 * `npm run bench` runs all benches, `npm run bench -- NAME` one. `--json` for programs; `--runs N` and `--campaign N` for
 * those that draw by chance.
 */
import { parseArgs } from 'node:util';
import { bakes } from './bake/bake.ts';
import type { Bench, Row } from './bench.ts';
import { boot } from './boot.ts';
import { bundles } from './bundles.ts';
import { judge } from './judge.ts';
import { ledger } from './ledger/ledger.ts';
import { live } from './live.ts';
import { release } from './release.ts';
import { remediate } from './remediate.ts';

const BENCHES: readonly Bench[] = [bundles, release, remediate, judge, live, ledger, bakes, boot];

function table(bench: Bench, rows: readonly Row[]): string {
  const lines = rows.map(
    (row) => `| ${row.what} | ${row.value} | ${row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}×`} |`,
  );
  return [`\n## ${bench.name}: ${bench.summary}`, '', `| | | against ${bench.yardstick} |`, '|---|---|--:|', ...lines].join('\n');
}

function numberOf(name: string, text: string | undefined) {
  if (text === undefined) return {};
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is "${text}", and must be a whole number from 1 on`);
  return { [name]: value };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, runs: { type: 'string' }, campaign: { type: 'string' } },
  });
  const options = { ...numberOf('runs', values.runs), ...numberOf('campaign', values.campaign) };
  const chosen = positionals.length === 0 ? BENCHES : BENCHES.filter((bench) => positionals.includes(bench.name));
  if (chosen.length === 0) throw new Error(`no such bench; there are: ${BENCHES.map((bench) => bench.name).join(', ')}`);
  for (const bench of chosen) {
    const rows = await bench.run(options);
    console.log(values.json ? JSON.stringify({ bench: bench.name, yardstick: bench.yardstick, rows }) : table(bench, rows));
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
