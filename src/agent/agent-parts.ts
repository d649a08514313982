/** The parts that the agent is made of, besides its API: what `startAgent` is given, and what a test replaces. */
import type { Clock } from '../core/platform/clock.ts';
import type { Emit } from '../shared/contract/events.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Services } from './operations/services.ts';

/** The home folder's places (`src/cli/home.ts`). */
export interface AgentFolders {
  /** Settings, plans, repositories, secrets. */
  readonly configuration: string;
  /** Queue, lock, the embedded repository. */
  readonly data: string;
  /** May be deleted at any time. */
  readonly cache: string;
}

export interface Surroundings {
  readonly folders: AgentFolders;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly emit: Emit;
  readonly programVersion: string;
}

export interface AgentParts extends Omit<Services, 'clock' | 'emit'> {
  /** Recovers what a crash left, then claims jobs, runs plans, watches health. The API answers already. */
  start(): Promise<void>;
  /** Workers are asked to stop and waited for, files closed. Also after a start that failed. */
  stop(): Promise<void>;
}

/** Opens files and makes the parts; nothing runs yet. */
export type CreateParts = (surroundings: Surroundings) => Promise<AgentParts>;
