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
export const damagedPaths = z.array(z.strictObject({ path: z.string().describe('empty where only the stored object is known'), reason: z.string() })).describe('what could not be read; the first hundred');

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

const sum = z.strictObject({ files: count.describe('everything but folders'), bytes: byteCount });

export const differenceSums = z.strictObject({ added: sum, removed: sum, changed: sum.describe('content; bytes as they are afterwards') });
export type DifferenceSums = z.infer<typeof differenceSums>;

/** One entry that two snapshots do not have in common. */
export const difference = z.strictObject({
  name: z.string(),
  path: z.string(),
  type: nodeType.nullable().describe('as it is afterwards, or was; null where it is not known'),
  mark: z.enum(['', '+', '-', 'M', 'M?', 'T', 'TM', 'TM?', 'TU', 'U', 'R']).describe('added, removed, content, content against all signs (a failing disk?), type, metadata, renamed; empty for a folder that differs only below'),
  before_size: byteCount.nullable().describe('of files; null where there was none'),
  after_size: byteCount.nullable(),
  renamed_from: z.string().exactOptional().describe('the path of the same content in the earlier snapshot'),
  renamed_to: z.string().exactOptional(),
  below: differenceSums.nullable().describe('of a folder; null of everything else, where nothing but metadata differs, and beyond 100,000 folders'),
});
export type Difference = z.infer<typeof difference>;

const entrySums = z.strictObject({ files: count, dirs: count, others: count, data_blobs: count, tree_blobs: count, bytes: byteCount.describe('of blobs that only this one has') });

export const comparisonTotals = z.strictObject({ added: entrySums, removed: entrySums, changed_files: count, renamed: sum.describe('counted with added and removed, too') });

export const statisticsOverview = z.strictObject({
  snapshots_count: count,
  total_size: byteCount.describe('what restoring each snapshot writes, summed'),
  total_file_count: count,
  total_directory_count: count,
  total_raw_size: byteCount.describe('in packs, each blob once'),
  total_uncompressed_size: byteCount,
  total_blob_count: count,
  data_blob_count: count,
  tree_blob_count: count,
  compression_ratio: z.number().nonnegative().describe('uncompressed by raw size'),
  compression_space_saving: z.number().describe('percent'),
  deduplication_ratio: z.number().nonnegative().describe('restore by uncompressed size'),
  repository_pack_count: count,
  repository_blob_count: count,
  damaged: damagedPaths,
});

export const typeSize = z.strictObject({
  kind: filePreview.shape.kind,
  files: count.describe('with the same content: once'),
  size: byteCount,
  stored: byteCount.describe('in packs'),
  extensions: z.array(z.strictObject({ extension: z.string(), files: count, size: byteCount })).describe('those with most bytes'),
});

export const snapshotSize = z.strictObject({
  snapshot_id: z.string(),
  time: z.string(),
  files: count,
  size: byteCount.describe('what restoring it writes'),
  alone_blobs: count.describe('that no other snapshot of the repository uses'),
  alone_stored: byteCount.describe('in packs: what removing the snapshot would free'),
});

export const entrySize = z.strictObject({ name: z.string(), is_folder: z.boolean(), files: count, size: byteCount });
export const folderSize = entrySize.extend({ stored: byteCount.describe('in packs; what several entries use counts with each') });

export const growthStep = z.strictObject({
  snapshot_id: z.string(),
  time: z.string(),
  files: count.describe('of the folder with all below it; 0 where the snapshot has none'),
  size: byteCount,
  added_stored: byteCount.describe('in packs: what no step before had'),
  entries: z.array(entrySize).describe('the largest entries of the folder'),
});
