/** `npm run deaths`: what takes minutes of real time. `npm test` has some of its rows. */
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
