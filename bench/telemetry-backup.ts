/**
 * One backup in a process of its own, for bench/telemetry.ts: `with` logs, spans, numbers and samples as a worker has them, or
 * `without`; or only what they do, `alone`, for a number of spans and of seconds, and nothing for as long, `idle`. Prints the
 * processor time of the whole process, start included, as one JSON line.
 */
import { backup } from '../src/core/archiver/backup.ts';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { silentLogger } from '../src/core/platform/logger.ts';
import type { Logger } from '../src/core/platform/logger.ts';
import { createRepository } from '../src/core/repository/repository.ts';
import { openStore } from '../src/core/storage/open-store.ts';
import type { Tracer } from '../src/telemetry/telemetry.ts';

const [, , mode = '', ...given] = process.argv;
const [url = '', source = ''] = given;

async function save(options: Partial<Parameters<typeof openStore>[1]>, logger = silentLogger): Promise<void> {
  const addon = loadAddon();
  const store = openStore(url, { addon, clock: systemClock, logger, ...options });
  const repository = await createRepository({ store, addon, clock: systemClock, logger }, { password: Buffer.from('bench'), kdf: { N: 2, r: 1, p: 1 } });
  await backup(
    repository,
    {
      targets: [Buffer.from(source)],
      excludes: { patterns: [], insensitivePatterns: [], patternFiles: [], insensitivePatternFiles: [], caches: false, ifPresent: [] },
      hostname: 'bench',
      username: 'bench',
      tags: [],
      parent: 'auto',
      force: false,
      dryRun: false,
      oneFileSystem: false,
      compression: 'auto',
      programVersion: 'bench',
      environment: {},
    },
    { clock: systemClock, logger, onProgress: () => undefined },
  );
  await repository.close();
  await store.close();
}

/** `work` gets the logger and the tracer of a worker. */
async function withTelemetry(folder: string, work: (tracer: Tracer, logger: Logger) => Promise<void>): Promise<number> {
  const { startTelemetry } = await import('../src/telemetry/start-telemetry.ts');
  const { SystemSampler } = await import('../src/telemetry/system-sampler.ts');
  let spans = 0;
  // What a worker does with spans and lines of its log: they are copied into messages to the agent.
  const sink = { add: (ended: readonly unknown[]) => void (spans += (structuredClone(ended) as unknown[]).length) };
  const send = (fields: Record<string, unknown>): void => void structuredClone(fields);
  const logger = { debug: send, info: send, warn: send, error: send };
  const { tracer, metrics } = startTelemetry({ component: 'worker', clock: systemClock, logger, spans: sink });
  const stop = new AbortController();
  const sampling = new SystemSampler({ clock: systemClock, logger, folder }).run(stop.signal);
  const start = systemClock.monotonic();
  await work(tracer, logger);
  metrics.time('attempt_ms', systemClock.monotonic() - start);
  stop.abort();
  await sampling;
  return spans;
}

/** As many spans and lines as a backup makes, in as much time. */
async function pretend(tracer: Tracer, logger: Logger): Promise<void> {
  const [spanCount = 0, seconds = 0] = given.map(Number);
  for (let span = 0; span < spanCount; span++) {
    await tracer.within('storage put data', {}, async (active) => {
      active.set({ bytes: 1 });
      logger.debug({ bytes: 1 }, 'stored');
      await systemClock.sleep((seconds * 1000) / spanCount);
    });
  }
}

async function run(): Promise<number> {
  if (mode === 'with') return withTelemetry(source, (tracer, logger) => tracer.within('attempt', {}, ({ traceparent }) => save({ tracing: { tracer, parent: traceparent }, clientId: 'bench' }, logger)));
  if (mode === 'alone') return withTelemetry('.', pretend);
  if (mode === 'idle') await systemClock.sleep(Number(given[1]) * 1000);
  else await save({});
  return 0;
}

const spans = await run();
const { user, system } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ seconds: (user + system) / 1e6, spans })}\n`);
