/**
 * What is found in snapshots, looking back.
 *
 * Vocabulary: a *page* ends with a cursor, null after the last; it is handed to the same question to go on. What cannot be
 * read is named under `damaged`, and the rest is answered. Names are text: bytes that are no UTF-8 are U+FFFD.
 */
import { z } from 'zod';
import { byteCount, count, identifier, snapshotSelector } from './common.ts';
import { treeEntry } from './repository.ts';

export const snapshotPath = z.string().max(65_536).describe('from the root of the snapshot, as in "/home/anna"');
export const pageCursor = z.string().min(1).max(200);
export const nodeType = z.enum(['file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket']);

/** The first hundred. */
export const damagedPaths = z.array(z.strictObject({ path: z.string(), reason: z.string() })).describe('what could not be read; the first hundred');

export const snapshotMoment = z.strictObject({ snapshot_id: z.string(), time: z.string() });

export const searchQuestion = z.strictObject({
  repository_id: identifier,
  pattern: z.string().max(1000).default('').describe('a name or a part of one; empty: every name'),
  match: z.enum(['substring', 'name', 'glob']).default('substring').describe('"glob": as in excludes; with a slash it is matched against paths'),
  ignore_case: z.boolean().default(true),
  size_from: byteCount.optional().describe('files of at least so many bytes'),
  size_to: byteCount.optional(),
  modified_from: z.iso.datetime({ offset: true }).optional(),
  modified_to: z.iso.datetime({ offset: true }).optional(),
  types: z.array(nodeType).min(1).max(7).optional(),
  snapshot: snapshotSelector.optional().describe('only what this one has'),
  host: z.string().min(1).max(255).optional().describe('only what snapshots of this computer have'),
  tag: z.string().min(1).max(255).optional().describe('only what snapshots with this tag have'),
  limit: z.number().int().min(1).max(1000).default(50),
  cursor: pageCursor.optional(),
  wait: z.boolean().default(false).describe('true: until every snapshot is catalogued; false: with what is catalogued after a second'),
  caller: identifier.optional().describe('a later search of the same caller ends this one'),
});

export const foundFile = z.strictObject({
  path: z.string(),
  name: z.string(),
  type: nodeType.describe('this and the next two: of the newest version'),
  size: byteCount,
  modified_at: z.string(),
  versions: count.describe('distinct states in the snapshots that were asked for'),
  first: snapshotMoment.describe('the oldest snapshot that has it'),
  last: snapshotMoment.describe('the newest'),
});
export type FoundFile = z.infer<typeof foundFile>;

export const indexing = z.strictObject({ snapshots_done: count, snapshots_total: count });

export const catalogueState = z.strictObject({
  bytes: byteCount.describe('on the disk'),
  snapshots_indexed: count,
  snapshots_total: count,
  indexing: z.boolean().describe('whether it is being brought up to date right now'),
  rebuilt: z.string().nullable().describe('why the catalogue that was there had to be built anew; null where it had not'),
  damaged: damagedPaths,
});
export type CatalogueState = z.infer<typeof catalogueState>;

export const fileVersion = z.strictObject({
  type: nodeType,
  size: byteCount,
  mode: count,
  modified_at: z.string(),
  content_id: z.string().nullable().describe('the same for the same content: SHA-256 over the ids of a file\'s blobs, the id of a folder\'s tree; null of everything else'),
  link_target: z.string().optional(),
  snapshots: count,
  first: snapshotMoment,
  last: snapshotMoment,
});

export const folderOrder = z.enum(['name', 'size', 'time']);

export const filePreview = z.strictObject({
  path: z.string(),
  size: byteCount.describe('of the whole file'),
  modified_at: z.string(),
  offset: byteCount,
  length: byteCount.describe('bytes in this answer'),
  mime_type: z.string().nullable().describe('null where the first bytes say nothing'),
  kind: z.enum(['image', 'video', 'audio', 'document', 'text', 'code', 'archive', 'database', 'program', 'other']),
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'latin1']).nullable().describe('null for what is no text'),
  text: z.string().nullable().describe('of what is text'),
  base64: z.string().nullable().describe('of everything else'),
});

export const folderPage = z.strictObject({
  path: z.string(),
  total: count.describe('entries of the whole folder'),
  entries: z.array(treeEntry),
  cursor: pageCursor.nullable(),
  damaged: damagedPaths.describe('entries of this page that the snapshot has and that cannot be used'),
});
