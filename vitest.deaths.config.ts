/** `npm run deaths`: the table of deaths in real time, which takes minutes. `npm test` has it in virtual time. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/deaths/*.ts'],
    setupFiles: ['test/setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    maxConcurrency: 10,
  },
});
