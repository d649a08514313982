/**
 * What the operations need of the other parts of the agent. Every method throws a `Failure` with the code that its comment
 * names, and changes nothing then.
 */
import type { ConnectionHealth, DestinationHealth } from '../../shared/contract/schemas/connection-health.ts';
import type { OperationOutput } from '../../shared/contract/operations.ts';
import type { Job, SkippedItem } from '../../shared/contract/schemas/job.ts';
import type { Alert, Health, Span, SystemSample } from '../../shared/contract/schemas/observability.ts';
import type { CheckedInput } from '../../shared/contract/operations.ts';
import type { FolderQuestion } from '../machine/list-folder.ts';
import type { MeasureQuestion } from '../machine/measure.ts';
import type { NewRepository, RecoverySheet, Repository } from '../../shared/contract/schemas/repository.ts';
import type { ForgetPreview, RetentionFreeze, RetentionScope, RetentionSimulation } from '../../shared/contract/schemas/retention.ts';
import type { NewServerUser, ServerUserChange } from '../companion/companion-users.ts';
import type { Settings } from '../../shared/contract/schemas/settings.ts';
import type { ReaderQuestion } from '../../shared/reader-protocol.ts';
import type { ServerUserUse } from '../../shared/server-users.ts';
import type { NewJob } from '../queue/job-record.ts';
import type { JobFilter } from '../queue/queue-port.ts';
import type { RepositoryRegistry } from '../repositories/registry-port.ts';

/** Changes jobs. `until` is milliseconds since the epoch, null for until resumed. */
export interface JobRunner {
  /** QUEUE_FULL. */
  enqueue(job: NewJob): Job;
  /** Resolves when the job has ended, with whatever phase it ended. JOB_NOT_FOUND, JOB_OVER. */
  cancel(id: string, reason: string | null): Promise<Job>;
  /** All that are not over, at the same time; whether each ended as CANCELLED. */
  cancelAll(reason: string | null, reasons: Readonly<Record<string, string>>): Promise<Record<string, boolean>>;
  /** JOB_NOT_FOUND, JOB_OVER, JOB_STATE. */
  pause(id: string, until: number | null): Promise<Job>;
  /** JOB_NOT_FOUND, JOB_OVER, JOB_STATE. */
  resume(id: string): Promise<Job>;
  pauseAll(until: number | null): Promise<void>;
  resumeAll(): Promise<void>;
  /** JOB_NOT_FOUND, JOB_STATE, QUEUE_FULL. */
  retry(id: string): Promise<Job>;
}

/** Reads jobs, and forgets those that are over. */
export interface JobHistory {
  /** JOB_NOT_FOUND. */
  get(id: string): Job;
  /** Newest first. JOB_NOT_FOUND where `before` names none. */
  list(filter: JobFilter): Job[];
  cancelable(): Pick<Job, 'job_id' | 'phase' | 'file' | 'progress' | 'message'>[];
  /** A job that uses the repository and is not over; undefined where there is none. */
  activeOn(repositoryId: string): Job | undefined;
  /** JOB_NOT_FOUND. */
  skipped(id: string): SkippedItem[];
  /** JOB_NOT_FOUND, JOB_STATE. */
  remove(id: string): void;
}

/** Besides what other parts see of the repositories: what a person changes. Codes as in the contract. */
export interface Repositories extends RepositoryRegistry {
  add(repository: NewRepository): Promise<Repository>;
  test(connection: CheckedInput<'test_repository'>): Promise<OperationOutput<'test_repository'>>;
  update(id: string, change: Omit<CheckedInput<'update_repository'>, 'repository_id'>): Promise<Repository>;
  /** REPOSITORY_NOT_FOUND. */
  remove(id: string): Promise<void>;
  /** The embedded default, with this password or a generated one. REPOSITORY_EXISTS where another password opens it. */
  setUpDefault(password: string | undefined): Promise<Repository>;
  /** PASSWORD_MISSING. */
  recoverySheet(id: string): Promise<RecoverySheet>;
  /** INVALID_INPUT (`url`). */
  draftSheet(connection: CheckedInput<'draft_recovery_sheet'>): RecoverySheet;
  /** Whether it is the stored one. PASSWORD_MISSING. */
  passwordMatches(id: string, password: string): Promise<boolean>;
  /** Whether a job or a plan may use it: the embedded default counts before it is made. */
  has(id: string): boolean;
  /** Step by step; the first that fails is the last. */
  diagnose(id: string): Promise<OperationOutput<'diagnose_repository'>>;
}

/** Looks into repositories (src/agent/readers). Codes as in the contract. */
export interface Readers {
  ask<Name extends ReaderQuestion>(question: Name, input: CheckedInput<Name>, signal?: AbortSignal): Promise<OperationOutput<Name>>;
}

/** What is kept. Codes as in the contract. `signal`: of one who may leave. */
export interface Retention {
  previewForget(repositoryId: string, scope: RetentionScope, signal?: AbortSignal): Promise<ForgetPreview[]>;
  simulate(repositoryId: string, scope: RetentionScope, days: number, signal?: AbortSignal): Promise<RetentionSimulation>;
  /** Full ids of the snapshots that these beginnings name; none of them is pinned. */
  chosen(repositoryId: string, starts: readonly string[], signal?: AbortSignal): Promise<string[]>;
  /** The new id. */
  pin(repositoryId: string, start: string, pinned: boolean, signal?: AbortSignal): Promise<string>;
  tag(repositoryId: string, starts: readonly string[], wish: Omit<CheckedInput<'tag_snapshots'>, 'repository_id' | 'snapshots'>, signal?: AbortSignal): Promise<OperationOutput<'tag_snapshots'>['changed']>;
  freezes(repositoryId: string, signal?: AbortSignal): Promise<RetentionFreeze[]>;
  confirm(repositoryId: string, confirmation: string, signal?: AbortSignal): Promise<void>;
}

/** The companion server. SERVER_NOT_RUNNING. */
export interface Companion {
  /** Always answers. */
  status(): OperationOutput<'get_server'>;
  /** SERVER_NOT_RUNNING where it should answer and does not. */
  use(): Promise<OperationOutput<'get_server_use'>>;
  /** Whether it runs or not. These four: CONFIGURATION where the file of users cannot be used. */
  users(): Promise<ServerUserUse[]>;
  /** The password that was generated; null where one was given. SERVER_USER_EXISTS. */
  addUser(user: NewServerUser): Promise<string | null>;
  /** The same. SERVER_USER_NOT_FOUND. */
  updateUser(name: string, change: ServerUserChange): Promise<string | null>;
  /** SERVER_USER_NOT_FOUND. */
  removeUser(name: string): Promise<void>;
  /** Before these settings hold: SERVER_USERS_NEEDED, PORT_IN_USE, CONFIGURATION. */
  checkNetwork(before: Settings['embedded_server'], chosen: Settings['embedded_server']): Promise<void>;
  connections(): Promise<Record<string, ConnectionHealth>>;
  /** Oldest first. */
  closedConnections(): Promise<ConnectionHealth[]>;
  partials(): Promise<OperationOutput<'list_partials'>>;
  /** PARTIAL_NOT_FOUND. */
  abortPartial(id: string): Promise<void>;
}

export interface Destinations {
  list(): DestinationHealth[];
}

/** `window`: seconds back from now. */
export interface HealthMonitor {
  current(): Health;
  /** Newest first. */
  alerts(): Alert[];
  samples(window: number): SystemSample[];
}

export interface MetricsReader {
  read(window: number): OperationOutput<'get_metrics'>;
  /** The text format of Prometheus. */
  prometheus(): string;
}

export interface TraceReader {
  /** Newest first. */
  list(limit: number): OperationOutput<'list_traces'>['traces'];
  /** Oldest first. TRACE_NOT_FOUND. */
  get(traceId: string): Promise<Span[]>;
}

/** This machine's folders, as `src/agent/machine` reads them. */
export interface Machine {
  describe(): OperationOutput<'get_machine'>;
  places(): Promise<OperationOutput<'list_places'>['places']>;
  /** PATH_NOT_FOUND, PATH_UNREADABLE, INVALID_INPUT (`path`). */
  folder(question: FolderQuestion): Promise<OperationOutput<'list_folder'>>;
  target(path: string): Promise<OperationOutput<'look_at_target'>>;
  startMeasure(question: MeasureQuestion): OperationOutput<'start_measure'>;
  /** MEASURE_NOT_FOUND. */
  measure(id: string): OperationOutput<'get_measure'>;
  /** MEASURE_NOT_FOUND. */
  cancelMeasure(id: string): Promise<void>;
  close(): Promise<void>;
}
