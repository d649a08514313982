/**
 * One backup in a process of its own, for bench/telemetry.ts: `with` logs, spans, numbers and samples as a worker has them, or
 * `without`. Prints the processor time of the whole process, start included, as one JSON line.
 */
import { backup } from '../src/core/archiver/backup.ts';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { silentLogger } from '../src/core/platform/logger.ts';
import { createRepository } from '../src/core/repository/repository.ts';
import { openStore } from '../src/core/storage/open-store.ts';

const [, , mode = '', url = '', source = ''] = process.argv;

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

async function saveWithTelemetry(): Promise<number> {
  const { startTelemetry } = await import('../src/telemetry/start-telemetry.ts');
  const { SystemSampler } = await import('../src/telemetry/system-sampler.ts');
  let spans = 0;
  // What a worker does with spans and lines of its log: they are copied into messages to the agent.
  const sink = { add: (ended: readonly unknown[]) => void (spans += (structuredClone(ended) as unknown[]).length) };
  const send = (fields: Record<string, unknown>): void => void structuredClone(fields);
  const logger = { debug: send, info: send, warn: send, error: send };
  const { tracer, metrics } = startTelemetry({ component: 'worker', clock: systemClock, logger, spans: sink });
  const stop = new AbortController();
  const sampling = new SystemSampler({ clock: systemClock, logger, folder: source }).run(stop.signal);
  const start = systemClock.monotonic();
  await tracer.within('attempt', {}, ({ traceparent }) => save({ tracing: { tracer, parent: traceparent }, clientId: 'bench' }, logger));
  metrics.time('attempt_ms', systemClock.monotonic() - start);
  stop.abort();
  await sampling;
  return spans;
}

const spans = mode === 'with' ? await saveWithTelemetry() : await save({}).then(() => 0);
const { user, system } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ seconds: (user + system) / 1e6, spans })}\n`);
