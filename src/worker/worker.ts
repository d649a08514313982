/**
 * The life of a worker process.
 *
 *     waiting ──start──▶ working ──the attempt settles──▶ over
 *        └──────stop────────┴──stop, and its grace is over──┘
 *
 * Invariants: one `end` is sent, as the last message, whatever happens; the process ends right after it, also when the
 * agent is gone and nobody hears it.
 */
import type { Clock } from '../core/platform/clock.ts';
import { Bandwidth } from '../core/storage/bandwidth-limit.ts';
import { toWorker } from '../shared/worker-messages.ts';
import type { StopReason, WorkerEnd, WorkerLimits, WorkerTask } from '../shared/worker-protocol.ts';
import { channelLogger } from './channel-logger.ts';
import type { WorkerChannel } from './channel.ts';
import { startHeartbeat } from './heartbeat.ts';
import { ProgressSender } from './progress-sender.ts';
import { graces, StopRequest } from './stop-request.ts';
import type { WorkerTelemetry } from './telemetry.ts';
import { workerError } from './worker-error.ts';

const bytesPerKibibyte = 1024;

export interface WorkerPorts {
  readonly channel: WorkerChannel;
  readonly clock: Clock;
  readonly telemetry: WorkerTelemetry;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

export class Worker {
  readonly #ports: WorkerPorts;
  readonly #stopper = new AbortController();
  readonly #progress: ProgressSender;
  readonly #bandwidth: Bandwidth;
  #reason: StopReason | undefined;
  #started = false;
  #over = false;
  #stopHeartbeat: () => void = () => undefined;

  constructor(ports: WorkerPorts) {
    this.#ports = ports;
    this.#bandwidth = new Bandwidth(ports.clock);
    this.#progress = new ProgressSender(ports.clock, (progress) => ports.channel.send({ type: 'progress', progress }));
  }

  begin(): void {
    const { channel, clock } = this.#ports;
    channel.onMessage((message) => this.#receive(message));
    channel.onClosed(() => this.stop('shutdown'));
    channel.send({ type: 'ready' });
    this.#stopHeartbeat = startHeartbeat(clock, channel);
  }

  /** May be called again; the last reason is told. */
  stop(reason: StopReason): void {
    if (this.#over) return;
    this.#reason = reason;
    this.#stopper.abort(new StopRequest(reason));
    if (!this.#started) this.#end({ outcome: 'stopped', reason });
    else void this.#endAfter(graces[reason]);
  }

  /** An error that nobody waited for: a defect, unless it is only the echo of the stop. */
  stray(error: unknown): void {
    if (this.#stopper.signal.aborted && error === this.#stopper.signal.reason) return;
    this.#end({ outcome: 'failed', error: workerError(error) }, 1);
  }

  #receive(message: unknown): void {
    const parsed = toWorker.safeParse(message);
    if (!parsed.success) {
      // The values stay out of it: they may be secrets.
      const issues = parsed.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`).join(', ');
      this.#end({ outcome: 'failed', error: workerError(new TypeError(`the agent sent a message that is none (${issues})`)) }, 1);
    } else if (parsed.data.type === 'stop') {
      this.stop(parsed.data.reason);
    } else if (parsed.data.type === 'limits') {
      this.#limit(parsed.data.limits);
    } else if (!this.#started && !this.#over) {
      this.#started = true;
      this.#limit(parsed.data.task);
      void this.#work(parsed.data.task);
    }
  }

  #limit({ uploadLimit, downloadLimit }: WorkerLimits): void {
    this.#bandwidth.set({ upload: uploadLimit * bytesPerKibibyte, download: downloadLimit * bytesPerKibibyte });
  }

  async #work(task: WorkerTask): Promise<void> {
    const { channel, clock, telemetry } = this.#ports;
    try {
      const ports = { clock, tracer: telemetry.tracer, channel, logger: channelLogger(channel), signal: this.#stopper.signal, bandwidth: this.#bandwidth, progress: this.#progress.tell.bind(this.#progress) };
      const { runAttempt } = await import('./attempt.ts');
      this.#end(await runAttempt(task, ports));
    } catch (error) {
      this.#end(this.#reason === undefined ? { outcome: 'failed', error: workerError(error) } : { outcome: 'stopped', reason: this.#reason });
    }
  }

  async #endAfter(grace: number): Promise<void> {
    const { clock, channel } = this.#ports;
    await clock.sleep(grace);
    if (this.#over) return;
    channelLogger(channel).warn({ grace_ms: grace }, 'the work did not end in time and was left behind; what it stored last may be stored again, and its lock is stale');
    this.#end({ outcome: 'stopped', reason: this.#reason ?? 'shutdown' });
  }

  #end(end: WorkerEnd, code = 0): void {
    if (this.#over) return;
    this.#over = true;
    const { channel, exit, telemetry } = this.#ports;
    this.#progress.end();
    this.#stopHeartbeat();
    telemetry.flush();
    channel.send({ type: 'end', end });
    // Nothing that the attempt left open (a kept-alive connection, a timer) may delay the exit.
    void Promise.all([channel.flushed(), end.outcome === 'stopped' ? undefined : telemetry.close()]).then(() => exit(code));
  }
}
