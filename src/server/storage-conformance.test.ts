/** The storage port's conformance suite, through our REST adapter and our server. */
import { loadAddon } from '../core/native/load-addon.ts';
import { systemClock } from '../core/platform/clock.ts';
import type { Clock } from '../core/platform/clock.ts';
import { storeConformance } from '../core/storage/testing/conformance.ts';
import { openStore } from '../core/storage/open-store.ts';
import { startTestServer } from './testing/test-server.ts';

/** Retries without the waiting. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal) };

storeConformance('REST adapter and our server', async () => {
  const server = await startTestServer();
  return { store: openStore(`rest:${server.url}/a/b/`, { addon: loadAddon(), clock: hasty }), dispose: () => server.stop() };
});
