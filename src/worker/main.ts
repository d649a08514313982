/**
 * Entry of a worker process, told over the channel to the agent that started it: one attempt of one job
 * (src/shared/worker-protocol.ts), or a reader (src/shared/reader-protocol.ts).
 */
import { systemClock } from '../core/platform/clock.ts';
import type { FromReader } from '../shared/reader-protocol.ts';
import { readerArgument, type FromWorker } from '../shared/worker-protocol.ts';
import { parentChannel } from './channel.ts';
import type { Channel } from './channel.ts';
import type { Worker } from './worker.ts';

const isReader = process.argv.includes(readerArgument);
process.title = isReader ? 'cyberbackup reader' : 'cyberbackup worker';

function agentChannel<Sent>(): Channel<Sent> {
  const channel = parentChannel<Sent>();
  if (channel !== undefined) return channel;
  process.stderr.write('cyberbackup: This program does the work of the agent, which starts it. Run "cyberbackup agent" or "cyberbackup backup" instead.\n');
  return process.exit(1);
}

function exit(code: number): void {
  process.exit(code);
}

/** What each is made of is loaded by itself: neither waits for the other's. */
async function reader(): Promise<Pick<Worker, 'begin' | 'stop' | 'stray'>> {
  const channel = agentChannel<FromReader>();
  const { Reader } = await import('./reader/reader.ts');
  return new Reader({ channel, clock: systemClock, exit });
}

async function worker(): Promise<Worker> {
  const channel = agentChannel<FromWorker>();
  const [{ Worker }, { workerTelemetry }] = await Promise.all([import('./worker.ts'), import('./telemetry.ts')]);
  return new Worker({ channel, clock: systemClock, telemetry: workerTelemetry(channel, systemClock, process.env), exit });
}

const life = await (isReader ? reader() : worker());
process.on('uncaughtException', (error) => life.stray(error));
process.on('unhandledRejection', (error) => life.stray(error));
process.on('SIGTERM', () => life.stop('shutdown'));
// A Ctrl-C and the end of a terminal reach every process in it; the agent decides what becomes of its jobs.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
// Nobody reads it any more when the agent is gone.
process.stderr.on('error', () => undefined);
life.begin();
