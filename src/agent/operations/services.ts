/** What the handlers work with, and what a handler is. */
import type { Clock } from '../../core/platform/clock.ts';
import type { Emit } from '../../shared/contract/events.ts';
import type { CheckedInput, OperationName, OperationOutput } from '../../shared/contract/operations.ts';
import type { Plans } from '../plans/plans-port.ts';
import type { SettingsFile } from '../settings/settings-port.ts';
import type { Companion, Destinations, HealthMonitor, JobHistory, JobRunner, Machine, MetricsReader, Readers, Repositories, Retention, TraceReader } from './ports.ts';

export interface Services {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly runner: JobRunner;
  readonly jobs: JobHistory;
  readonly repositories: Repositories;
  readonly readers: Readers;
  readonly retention: Retention;
  readonly plans: Plans;
  /** Starts a plan's backup now; the job's id. PLAN_NOT_FOUND, QUEUE_FULL. */
  readonly runPlan: (id: string) => Promise<string>;
  readonly settings: SettingsFile;
  /** After the settings changed: what runs by them takes notice. */
  readonly settingsChanged: () => Promise<void>;
  readonly companion: Companion;
  readonly machine: Machine;
  readonly destinations: Destinations;
  readonly health: HealthMonitor;
  readonly metrics: MetricsReader;
  readonly traces: TraceReader;
}

export interface OperationContext {
  /** Of the request; a job that it starts belongs to the same trace. */
  readonly traceId: string;
  /** Aborted when the caller is gone; missing where the transport cannot tell. */
  readonly signal?: AbortSignal;
}

export type Handler<Name extends OperationName> = (input: CheckedInput<Name>, context: OperationContext) => Promise<OperationOutput<Name>>;
export type Handlers = { readonly [Name in OperationName]: Handler<Name> };
/** The handlers of one topic. */
export type SomeHandlers<Topic extends Readonly<Partial<Record<OperationName, unknown>>>> = { readonly [Name in Extract<keyof Topic, OperationName>]: Handler<Name> };
