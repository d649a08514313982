import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { FileReporter } from './test/report/reporter.ts';

// `unit` lies beside the code, `integration` (test/) drives real processes, sockets and restic; `fixtures` wants files
// that are not part of the project (npm run test:fixtures), `kill` takes minutes (npm run test:kill).
export default defineConfig({
  test: {
    pool: 'forks',
    // Vitest leaves a core free, which on two cores is half of them; and many tests wait for a process or a clock.
    maxWorkers: availableParallelism() + 1,
    // Besides what vitest prints: reports/index.html and the JSON behind it.
    reporters: ['default', new FileReporter()],
    globalSetup: ['./test/set-up.ts'],
    setupFiles: ['./test/leak-guard.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'] } },
      { extends: true, test: { name: 'integration', include: ['test/**/*.test.ts'] } },
      { extends: true, test: { name: 'kill', include: ['test/agent/*.suite.ts', 'test/faults/*.suite.ts'], testTimeout: 600_000 } },
      { extends: true, test: { name: 'fixtures', include: ['test/fixtures/*.suite.ts'] } },
    ],
  },
});
