import { defineConfig } from 'vitest/config';

// Two suites: `unit` lies beside the code, `integration` (test/) drives real processes, sockets and restic.
export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['./test/leak-guard.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'] } },
      { extends: true, test: { name: 'integration', include: ['test/**/*.test.ts'] } },
    ],
  },
});
