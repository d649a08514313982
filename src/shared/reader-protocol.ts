/**
 * What agent and reader say to each other: plain values over the channel that `fork` or `utilityProcess` gives.
 *
 * A reader looks into one repository as long as somebody asks. It says `ready`, gets `open`, then any number of questions, each
 * with an id of its own, at the same time; it answers each once, in whatever order, but for those that were cancelled. It
 * tells `heartbeat` every few seconds, and ends by itself after `stop` and when its channel closes.
 *
 * Vocabulary: a *question* is an operation of the contract that a reader answers, with its checked input.
 *
 * The password travels here only: never in arguments, environment or files of a process.
 */
import { z } from 'zod';
import type { CheckedInput, OperationName, OperationOutput } from './contract/operations.ts';
import { count, errorCode, failureParts, identifier } from './contract/schemas/common.ts';
import { certificateFingerprint } from './contract/schemas/repository.ts';

export const readerQuestions = [
  'list_snapshots', 'list_tree', 'preview_restore', 'search_files', 'get_catalogue', 'rebuild_catalogue', 'browse_folder', 'preview_file', 'list_versions',
  'compare_snapshots', 'get_statistics', 'list_type_sizes', 'list_snapshot_sizes', 'list_folder_sizes', 'list_folder_growth',
] as const satisfies readonly OperationName[];
export type ReaderQuestion = (typeof readerQuestions)[number];

/** Answers one question. The signal is aborted when nobody waits for it any more. */
export type Answerer<Name extends ReaderQuestion> = (input: CheckedInput<Name>, signal: AbortSignal) => Promise<OperationOutput<Name>>;
export type Answerers = { readonly [Name in ReaderQuestion]: Answerer<Name> };

const readerTarget = z.strictObject({
  repositoryId: identifier,
  /** May hold credentials. */
  url: z.string().min(1),
  password: z.string(),
  certificateFingerprint: certificateFingerprint.exactOptional(),
  /** Where caches and catalogues lie. */
  cacheFolder: z.string().min(1),
});
export type ReaderTarget = z.infer<typeof readerTarget>;

export const toReader = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('open'), target: readerTarget }),
  z.strictObject({ type: z.literal('ask'), id: count, question: z.enum(readerQuestions), input: z.record(z.string(), z.unknown()) }),
  z.strictObject({ type: z.literal('cancel'), id: count }),
  z.strictObject({ type: z.literal('stop') }),
]);
export type ToReader = z.infer<typeof toReader>;

const readerFailure = z.strictObject({ code: errorCode, parts: failureParts, path: z.string().exactOptional() });
export type ReaderFailure = z.infer<typeof readerFailure>;

export const fromReader = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('heartbeat'), rss: z.number().nonnegative(), eventLoopDelayMs: z.number().nonnegative() }),
  /** `value` is of the shape that the contract gives the question; the answer is checked where the contract is. */
  z.strictObject({ type: z.literal('answer'), id: count, value: z.unknown() }),
  z.strictObject({ type: z.literal('failure'), id: count, failure: readerFailure }),
  /** The catalogue is being brought up to date, or no longer (`indexing` false). A few times a second at most. */
  z.strictObject({ type: z.literal('catalogue'), indexing: z.boolean(), snapshotsDone: count, snapshotsTotal: count }),
  z.strictObject({ type: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']), fields: z.record(z.string(), z.unknown()), message: z.string() }),
]);
export type FromReader = z.infer<typeof fromReader>;
export type CatalogueProgress = Extract<FromReader, { readonly type: 'catalogue' }>;
