/**
 * Entry of a worker process: one attempt of one job, told over the channel to the agent that started it
 * (src/shared/worker-protocol.ts).
 */
import { systemClock } from '../core/platform/clock.ts';
import { parentChannel } from './channel.ts';
import { workerTelemetry } from './telemetry.ts';
import { Worker } from './worker.ts';

process.title = 'cyberbackup worker';

const channel = parentChannel();
if (channel === undefined) {
  process.stderr.write('cyberbackup: This program does the work of the agent, which starts it. Run "cyberbackup agent" or "cyberbackup backup" instead.\n');
  process.exit(1);
}

const telemetry = workerTelemetry(channel, systemClock, process.env);
const worker = new Worker({ channel, clock: systemClock, telemetry, exit: (code) => process.exit(code) });
process.on('uncaughtException', (error) => worker.stray(error));
process.on('unhandledRejection', (error) => worker.stray(error));
process.on('SIGTERM', () => worker.stop('shutdown'));
// A Ctrl-C and the end of a terminal reach every process in it; the agent decides what becomes of its jobs.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
// Nobody reads it any more when the agent is gone.
process.stderr.on('error', () => undefined);
worker.begin();
