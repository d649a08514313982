/**
 * Every event, once: Socket.IO in the browser, the bridge in Electron.
 *
 * Invariants: at most ten `job_updated` a second for one job, the last change always; final events come once for a job.
 */
import { z } from 'zod';
import { count, identifier } from './schemas/common.ts';
import { connectionHealthMap } from './schemas/connection-health.ts';
import { job } from './schemas/job.ts';
import { alert, health } from './schemas/observability.ts';
import { retentionFrozen } from './schemas/retention.ts';

const changed = z.strictObject({});

export const events = {
  job_created: { description: 'A job was put into the queue.', payload: job },
  job_updated: { description: 'State, phase or progress of a job changed.', payload: job },
  job_completed: { description: 'A job ended well, or in part (phase PARTIAL).', payload: job },
  job_failed: { description: 'A job ended without success.', payload: job },
  job_cancelled: { description: 'A job was cancelled.', payload: z.strictObject({ job_id: identifier, phase: z.literal('CANCELLED'), reason: z.string().nullable() }) },
  jobs_cancelled: {
    description: 'All jobs were cancelled.',
    payload: z.strictObject({ results: z.record(identifier, z.boolean()), reason: z.string().nullable(), reasons: z.record(identifier, z.string()) }),
  },
  connection_health: { description: 'The health of every connection of the companion server, while it has any.', payload: connectionHealthMap },
  health_changed: { description: 'The health of the agent changed.', payload: health },
  alert: { description: 'Something needs attention, or no longer does (resolved_at).', payload: alert },
  retention_frozen: { description: 'Groups of snapshots of a repository became frozen, others did, or none is any more.', payload: retentionFrozen },
  plans_changed: { description: 'Plans were added, changed or removed.', payload: changed },
  catalogue_changed: {
    description: 'The catalogue of a repository is being brought up to date, or now is (indexing false): a search finds more.',
    payload: z.strictObject({ repository_id: identifier, indexing: z.boolean(), snapshots_done: count, snapshots_total: count }),
  },
  repositories_changed: { description: 'Repositories were added, changed or removed.', payload: changed },
} as const;

export type Events = typeof events;
export type EventName = keyof Events;
export type EventPayload<Name extends EventName> = z.output<Events[Name]['payload']>;

/** An event as it is sent: its name and its payload. */
export type SentEvent = readonly [name: EventName, payload: unknown];

/**
 * A client of Socket.IO that says `gather: true` beside its token, and the bridge in Electron, get lists of events under this
 * name, in order, instead of a message each: progress at most four times a second, everything else at once.
 */
export const gatheredEvents = 'events';
/** Milliseconds for which progress is gathered. Faster than anybody reads, slow enough for 200 jobs at once. */
export const gatherMs = 250;

export const eventNames = Object.keys(events) as EventName[];

/** Sends an event to everyone who listens. Never throws into the sender. */
export type Emit = <Name extends EventName>(name: Name, payload: EventPayload<Name>) => void;
