/** `npm run bench` runs all benches, `npm run bench -- NAME` one. `--json` for programs. */
import { parseArgs } from 'node:util';
import type { Bench, Row } from './bench.ts';
import { bundles } from './bundles.ts';
import { remediate } from './remediate.ts';
import { release } from './release.ts';

const BENCHES: readonly Bench[] = [bundles, release, remediate];

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
