/**
 * How the program ends.
 *
 *     staying ──quit──▶ asking (jobs run) ──▶ staying
 *        └──nothing runs, or a signal──┴──▶ leaving ──agent stopped──▶ gone
 *
 * Invariants: asked at most once at a time; workers are asked to stop and waited for before the program goes; a second wish
 * while leaving changes nothing. A program that is killed in any of these states loses nothing: the queue goes on at the next start.
 */
import type { Logger } from '../core/platform/logger.ts';

export interface QuittingPorts {
  readonly logger: Logger;
  /** Jobs whose work would be interrupted. */
  readonly runningJobs: () => number;
  /** Whether to quit although so many jobs run. */
  readonly ask: (jobs: number) => Promise<boolean>;
  /** Ends agent and workers. */
  readonly stop: () => Promise<void>;
  /** Ends the program at once. */
  readonly exit: () => void;
}

export class Quitting {
  readonly #ports: QuittingPorts;
  #state: 'staying' | 'asking' | 'leaving' = 'staying';

  constructor(ports: QuittingPorts) {
    this.#ports = ports;
  }

  get isLeaving(): boolean {
    return this.#state === 'leaving';
  }

  /** A person wants to quit. */
  async wish(): Promise<void> {
    if (this.#state !== 'staying') return;
    const jobs = this.#ports.runningJobs();
    if (jobs > 0) {
      this.#state = 'asking';
      const quit = await this.#ports.ask(jobs).catch((error: unknown) => {
        this.#state = 'staying';
        throw error;
      });
      if (this.isLeaving) return;
      this.#state = 'staying';
      if (!quit) return;
    }
    await this.leave();
  }

  /** The system ends the session, or a signal came: nobody can be asked. */
  async leave(): Promise<void> {
    if (this.isLeaving) return;
    this.#state = 'leaving';
    try {
      await this.#ports.stop();
    } catch (error) {
      this.#ports.logger.error({ component: 'shell', reason: String(error) }, 'the agent could not be stopped in good order; jobs go on with the next start');
    }
    this.#ports.exit();
  }
}
