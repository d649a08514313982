/** What every command is given: options, surroundings and the signal that ends it early. */
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Home } from '../core/platform/home.ts';
import type { Terminal } from './terminal.ts';

export interface CliContext {
  readonly options: GlobalOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly home: Home;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted by SIGINT and SIGTERM with a `Failure` of code INTERRUPTED. */
  readonly signal: AbortSignal;
  /** For a command that handles signals itself: from now on `signal` is not aborted any more. */
  releaseSignals(): void;
  /** For example `0.1.0`. */
  readonly programVersion: string;
}
