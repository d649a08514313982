/**
 * This machine's own folders: what a person can choose to back up or restore into. Names and sizes only, never content.
 *
 * Vocabulary: a *place* is where choosing starts; a *measure* counts files and bytes of chosen paths.
 */
import { z } from 'zod';
import { byteCount, count, identifier, timestamp } from './common.ts';
import { excludes } from './plan.ts';

export const localPath = z.string().min(1).max(65_536).describe('absolute');

export const placeKind = z.enum(['home', 'documents', 'desktop', 'pictures', 'music', 'videos', 'downloads', 'folder', 'drive', 'root']);
export type PlaceKind = z.infer<typeof placeKind>;

export const place = z.strictObject({
  kind: placeKind,
  name: z.string(),
  path: localPath,
  free_bytes: byteCount.nullable(),
  total_bytes: byteCount.nullable(),
});
export type Place = z.infer<typeof place>;

export const folderEntry = z.strictObject({
  name: z.string().describe('as text: bytes that are no UTF-8 are U+FFFD'),
  path: localPath.nullable().describe('null where the name is no UTF-8: it is saved with its folder, but cannot be chosen alone'),
  type: z.enum(['folder', 'file', 'link', 'other']),
  opens: z.boolean().describe('whether it can be listed: a folder, or a link to one that does not lead back here'),
  hidden: z.boolean(),
  size: byteCount.nullable().describe('of files'),
  modified_at: timestamp.nullable(),
});
export type FolderEntry = z.infer<typeof folderEntry>;

export const restoreTarget = z.strictObject({
  state: z.enum(['missing', 'empty', 'holds_files', 'not_a_folder']),
  writable: z.boolean().describe('the folder, or the nearest one above it that exists'),
  free_bytes: byteCount.nullable(),
});

export const measureProblem = z.strictObject({
  kind: z.enum(['missing', 'unreadable', 'special', 'holds_destination', 'inside_destination', 'repeated']),
  path: z.string().describe('what cannot be read; the destination, or the other chosen path'),
  message: z.string(),
});
export type MeasureProblem = z.infer<typeof measureProblem>;

export const measuredPath = z.strictObject({
  path: z.string(),
  state: z.enum(['waiting', 'counting', 'counted', 'refused']),
  type: z.enum(['folder', 'file', 'link', 'special', 'missing', 'unknown']),
  files: count,
  bytes: byteCount,
  problems: z.array(measureProblem).describe('the first twenty'),
  problem_count: count,
});
export type MeasuredPath = z.infer<typeof measuredPath>;

export const measure = z.strictObject({
  measure_id: identifier,
  state: z.enum(['running', 'done', 'cancelled']),
  files: count,
  bytes: byteCount.describe('of all paths, each file once where one path lies in another'),
  paths: z.array(measuredPath),
});
export type Measure = z.infer<typeof measure>;

export const newMeasure = z.strictObject({
  paths: z.array(localPath).min(1).max(1000),
  excludes: excludes.default({ presets: [], patterns: [], ignore_case_patterns: [], one_file_system: false }),
  repository_id: identifier.optional().describe('where the copies are to go: chosen folders that hold it, or lie in it, are told'),
});

export const machine = z.strictObject({
  hostname: z.string(),
  username: z.string(),
  platform: z.string().describe('as Node names it: linux, darwin, win32'),
  version: z.string().describe('of this program'),
  home_folder: z.string(),
  configuration_folder: z.string(),
  data_folder: z.string(),
  log_folder: z.string().describe('of the desktop; the agent without a window logs to standard error'),
  default_repository: z.strictObject({ path: z.string(), exists: z.boolean() }).describe('the embedded repository'),
});
export type Machine = z.infer<typeof machine>;
