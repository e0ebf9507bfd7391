import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes a minute, before all that does not: begun last, it would be waited for alone. Those with machines are apart,
 * as each wants both cores.
 */
const LONG = [
  'twin/published-counts',
  'scenarios/remediation-late',
  'scenarios/remediation-early',
  'scenarios/broken-images',
  'scenarios/remediation',
  'scenarios/remediation-herd',
  'twin/images',
  'scenarios/remediation-promises',
  'scenarios/campaign',
  'guest/init',
  'scenarios/judgement',
  'lib/package',
];

const rank = ({ moduleId }: TestSpecification) => {
  const found = LONG.findIndex((name) => moduleId.endsWith(`test/${name}.test.ts`));
  return found < 0 ? LONG.length : found;
};

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    setupFiles: ['test/setup.ts'],
    // Of two cores one would be idle while a test waits for a real minute to be over.
    maxWorkers: 3,
    pool: 'forks',
    // Most of what a scenario makes is garbage at once: a tenth of its time was the collector's.
    execArgv: ['--max-semi-space-size=64'],
    sequence: { sequencer: LongFirst },
  },
});
