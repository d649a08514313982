/**
 * Watches over worker processes.
 *
 * Invariants: whatever a worker sends is checked, and what is not of the protocol ends the attempt; nothing is heard of a
 * worker after its `end`; `ended` resolves once, and not before the process is gone.
 */
import type { Clock } from '../../core/platform/clock.ts';
import { fromWorker } from '../../shared/worker-messages.ts';
import type { FromWorker, StopReason, WorkerEnd, WorkerError, WorkerLimits, WorkerTask } from '../../shared/worker-protocol.ts';
import { crash, exitCause } from './exit-cause.ts';
import type { WorkerExit } from './exit-cause.ts';
import { hangLimit, ProcessLife } from './process-life.ts';
import type { LaunchWorker, RunningWorker, StartWorker, WorkerProcess } from './worker-port.ts';

export interface SupervisionPorts {
  readonly launch: LaunchWorker;
  readonly clock: Clock;
  /** How many processes the system ended for lack of memory so far; undefined where it does not tell. */
  readonly memoryKills: () => number | undefined;
}

type Heard = Parameters<StartWorker>[1];

/** Milliseconds. */
const terminateAfter = 5000;
const killAfter = 10_000;

export function superviseWorkers(ports: SupervisionPorts): StartWorker {
  return (task, onMessage) => {
    const killsBefore = ports.memoryKills();
    try {
      return new SupervisedWorker(ports, ports.launch('worker'), task, onMessage, killsBefore);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const failed: WorkerEnd = { outcome: 'failed', error: exitCause({ code: null, signal: null, stderr: message, memoryRanOut: false }) };
      return { pid: undefined, ended: Promise.resolve(failed), stop: () => undefined, limit: () => undefined };
    }
  };
}

class SupervisedWorker implements RunningWorker {
  readonly ended: Promise<WorkerEnd>;
  readonly #process: WorkerProcess;
  #task: WorkerTask;
  readonly #onMessage: Heard;
  readonly #life: ProcessLife;
  #started = false;
  #stop: StopReason | undefined;
  /** What the worker said, or what was found about it: the first counts. */
  #end: WorkerEnd | undefined;
  #forced = false;

  constructor({ clock, memoryKills }: SupervisionPorts, process: WorkerProcess, task: WorkerTask, onMessage: Heard, killsBefore: number | undefined) {
    this.#process = process;
    this.#task = task;
    this.#onMessage = onMessage;
    this.#life = new ProcessLife(process, clock, { terminateAfter, killAfter });
    const { promise, resolve } = Promise.withResolvers<WorkerEnd>();
    this.ended = promise;
    process.onMessage((message) => this.#receive(message));
    process.onExit((exit) => {
      this.#life.ended();
      resolve(this.#conclude({ ...exit, memoryRanOut: (memoryKills() ?? 0) > (killsBefore ?? Infinity) }));
    });
    void this.#life.watch(
      () => this.#end === undefined,
      () => this.#giveUp(crash('WORKER_HUNG', `The worker gave no sign of life for ${hangLimit / 1000} s`)),
    );
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  stop(reason: StopReason): void {
    if (this.#life.isGone) return;
    this.#stop = reason;
    this.#process.send({ type: 'stop', reason });
    this.#endByForce(true);
  }

  limit(limits: WorkerLimits): void {
    if (this.#life.isGone) return;
    this.#task = { ...this.#task, ...limits };
    if (this.#started) this.#process.send({ type: 'limits', limits });
  }

  #receive(received: unknown): void {
    if (this.#end !== undefined) return;
    const parsed = fromWorker.safeParse(received);
    if (!parsed.success) {
      const where = parsed.error.issues[0]?.path.join('.') ?? '';
      return this.#giveUp(crash('WORKER_CRASHED', `The worker sent a message that this agent does not know${where === '' ? '' : ` (${where})`}`, 'Start the agent again, in case it was updated meanwhile; if it happens again, report it'));
    }
    this.#life.heard();
    this.#take(parsed.data);
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        if (this.#started || this.#stop !== undefined) return;
        this.#started = true;
        this.#process.send({ type: 'start', task: this.#task });
        return;
      case 'heartbeat':
        return;
      case 'end':
        this.#end = message.end;
        // It exits by itself.
        return this.#endByForce(true);
      default:
        this.#onMessage(message);
    }
  }

  /** The worker cannot be talked to any more. */
  #giveUp(error: WorkerError): void {
    this.#end = this.#stop === undefined ? { outcome: 'failed', error } : { outcome: 'stopped', reason: this.#stop };
    this.#endByForce(false);
  }

  #endByForce(patiently: boolean): void {
    if (this.#forced) return;
    this.#forced = true;
    void this.#life.endByForce(patiently);
  }

  #conclude(exit: WorkerExit): WorkerEnd {
    if (this.#end !== undefined) return this.#end;
    // However it went away, that was what was wanted.
    if (this.#stop !== undefined) return { outcome: 'stopped', reason: this.#stop };
    return { outcome: 'failed', error: exitCause(exit) };
  }
}
