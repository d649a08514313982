/**
 * Counts that run or have run, for those who ask how far they are.
 *
 * Invariants: the newest few are kept; one that nobody asked about for a while ends and is forgotten.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/platform/clock.ts';
import type { Measure } from '../../shared/contract/schemas/machine.ts';
import { Failure } from '../../shared/errors.ts';
import type { MeasurePorts, MeasureQuestion } from './measure.ts';
import { MeasureRun } from './measure.ts';

const mostKept = 16;
const forgottenMs = 60_000;

interface Kept {
  readonly run: MeasureRun;
  readonly ended: Promise<void>;
  readonly use: { state: Measure['state']; askedAt: number };
}

export class Measures {
  readonly #ports: MeasurePorts & { readonly clock: Clock };
  readonly #kept = new Map<string, Kept>();

  constructor(ports: MeasurePorts & { readonly clock: Clock }) {
    this.#ports = ports;
  }

  start(question: MeasureQuestion): Measure {
    const { clock } = this.#ports;
    const oldest = this.#kept.size < mostKept ? undefined : this.#kept.keys().next().value;
    if (oldest !== undefined) this.#forget(oldest);
    const id = randomUUID();
    const use: Kept['use'] = { state: 'running', askedAt: clock.monotonic() };
    const isOver = (): boolean => {
      if (clock.monotonic() - use.askedAt > forgottenMs) this.#forget(id);
      return use.state === 'cancelled';
    };
    const run = new MeasureRun(question, this.#ports, isOver);
    const ended = run.run().then(() => {
      if (use.state === 'running') use.state = 'done';
    });
    this.#kept.set(id, { run, ended, use });
    return this.get(id);
  }

  /** Failure MEASURE_NOT_FOUND. */
  get(id: string): Measure {
    const { run, use } = this.#find(id);
    use.askedAt = this.#ports.clock.monotonic();
    return { measure_id: id, state: use.state, ...run.sums, paths: [...run.paths] };
  }

  /** Resolves when it looks at nothing any more. Failure MEASURE_NOT_FOUND. */
  async cancel(id: string): Promise<void> {
    const { ended } = this.#find(id);
    this.#forget(id);
    await ended;
  }

  async close(): Promise<void> {
    const running = [...this.#kept.values()].map(({ ended }) => ended);
    for (const id of this.#kept.keys()) this.#forget(id);
    await Promise.all(running);
  }

  #find(id: string): Kept {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw new Failure('MEASURE_NOT_FOUND', { what: `There is no count ${id}`, next: 'Start it again: one that nobody asks about is forgotten after a minute' });
    return kept;
  }

  #forget(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    kept.use.state = 'cancelled';
    this.#kept.delete(id);
  }
}
