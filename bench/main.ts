/** `npm run bench` runs all benches, `npm run bench -- NAME` one. `--json` for programs. */
import { parseArgs } from 'node:util';
import { bakes } from './bake/bake.ts';
import type { Bench, Row } from './bench.ts';
import { boot } from './boot.ts';
import { bundles } from './bundles.ts';
import { ledger } from './ledger/ledger.ts';
import { release } from './release.ts';
import { remediate } from './remediate.ts';

const BENCHES: readonly Bench[] = [bundles, release, remediate, ledger, bakes, boot];

function table(bench: Bench, rows: readonly Row[]): string {
  const lines = rows.map(
    (row) => `| ${row.what} | ${row.value} | ${row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}×`} |`,
  );
  return [`\n## ${bench.name}: ${bench.summary}`, '', `| | | against ${bench.yardstick} |`, '|---|---|--:|', ...lines].join('\n');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
  const chosen = positionals.length === 0 ? BENCHES : BENCHES.filter((bench) => positionals.includes(bench.name));
  if (chosen.length === 0) throw new Error(`no such bench; there are: ${BENCHES.map((bench) => bench.name).join(', ')}`);
  for (const bench of chosen) {
    const rows = await bench.run();
    console.log(values.json ? JSON.stringify({ bench: bench.name, yardstick: bench.yardstick, rows }) : table(bench, rows));
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
