/** Looking back into repositories: finding, browsing, comparing, measuring. A process of its own does it for each repository. */
import { z } from 'zod';
import { operation, readerErrors } from '../operation.ts';
import { count, identifier, snapshotSelector } from '../schemas/common.ts';
import {
  catalogueState, comparisonTotals, damagedPaths, difference, filePreview, fileVersion, folderOrder, folderPage, folderSize, foundFile, growthStep, indexing, pageCursor, searchQuestion,
  snapshotMoment, snapshotPath, snapshotSize, statisticsOverview, typeSize,
} from '../schemas/history.ts';

const oneRepository = z.strictObject({ repository_id: identifier });
const inSnapshot = oneRepository.extend({ snapshot: snapshotSelector });
/** Of snapshots; all without it. */
const choice = { host: z.string().min(1).max(255).optional(), tag: z.string().min(1).max(255).optional() };
const page = { limit: z.number().int().min(1).max(1000).default(100), cursor: pageCursor.optional() };

export const historyOperations = {
  search_files: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/search',
    description: 'Looks for files and folders over all snapshots: one row a path, with its versions. Answers soon, and says whether every snapshot was looked at.',
    input: searchQuestion,
    output: z.strictObject({
      rows: z.array(foundFile),
      cursor: pageCursor.nullable(),
      complete: z.boolean().describe('whether every snapshot of the repository is in the catalogue'),
      indexing: indexing.nullable().describe('how far the catalogue is; null where it is complete'),
      damaged: damagedPaths,
    }),
    errors: [...readerErrors, 'REPOSITORY_LOCKED', 'SNAPSHOT_NOT_FOUND'],
  }),
  get_catalogue: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/catalogue',
    description: 'The state of the catalogue of a repository, a local index for searching that may be deleted at any time.',
    input: oneRepository,
    output: catalogueState,
    errors: [...readerErrors, 'REPOSITORY_LOCKED'],
  }),
  rebuild_catalogue: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/catalogue/rebuild',
    description: 'Throws the catalogue of a repository away and begins to build it anew; not while another program writes it.',
    input: oneRepository,
    output: catalogueState,
    status: 202,
    errors: [...readerErrors, 'REPOSITORY_LOCKED'],
  }),
  browse_folder: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/snapshots/{snapshot}/folder',
    description: 'A folder of a snapshot in an order of choice, page by page.',
    input: inSnapshot.extend({
      path: snapshotPath.default('/'),
      order: folderOrder.default('name'),
      descending: z.boolean().default(false),
      folders_first: z.boolean().default(true),
      limit: z.number().int().min(1).max(10_000).default(500),
      cursor: pageCursor.optional(),
    }),
    output: folderPage,
    errors: [...readerErrors, 'SNAPSHOT_NOT_FOUND', 'PATH_NOT_FOUND'],
  }),
  preview_file: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/snapshots/{snapshot}/file',
    description: 'Some bytes of a file of a snapshot, and what they are.',
    input: inSnapshot.extend({
      path: snapshotPath.min(2),
      offset: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
      length: z.number().int().min(1).max(1024 * 1024).default(64 * 1024),
    }),
    output: filePreview,
    errors: [...readerErrors, 'SNAPSHOT_NOT_FOUND', 'PATH_NOT_FOUND'],
  }),
  list_versions: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/versions',
    description: 'Every version of a file or folder over all snapshots, newest first.',
    input: oneRepository.extend({
      path: snapshotPath.min(2),
      ...choice,
      ...page,
    }),
    output: z.strictObject({
      path: z.string(),
      total: count.describe('versions on all pages'),
      versions: z.array(fileVersion),
      snapshots_without: count,
      cursor: pageCursor.nullable(),
      damaged: damagedPaths.describe('snapshots that cannot tell, each as ID:PATH'),
    }),
    errors: [...readerErrors, 'PATH_NOT_FOUND'],
  }),
  compare_snapshots: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/comparison',
    description: 'What two snapshots do not have in common, folder by folder: the entries of one folder that differ, with sums of what differs below them.',
    input: oneRepository.extend({
      before: snapshotSelector,
      after: snapshotSelector,
      path: snapshotPath.default('/').describe('the folder'),
      metadata: z.boolean().default(true).describe('false: without what changed in rights, owners and times only'),
      ...page,
    }),
    output: z.strictObject({
      before: snapshotMoment,
      after: snapshotMoment,
      path: z.string(),
      total: count.describe('entries of the folder that differ, on all pages'),
      entries: z.array(difference),
      cursor: pageCursor.nullable(),
      totals: comparisonTotals.describe('of the whole snapshots'),
      damaged: damagedPaths,
    }),
    errors: [...readerErrors, 'SNAPSHOT_NOT_FOUND', 'PATH_NOT_FOUND'],
  }),
  get_statistics: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/statistics',
    description: 'What snapshots hold and what they take: sizes, numbers, ratios of compression and deduplication.',
    input: oneRepository.extend({ snapshot: snapshotSelector.optional(), ...choice }),
    output: statisticsOverview,
    errors: [...readerErrors, 'SNAPSHOT_NOT_FOUND'],
  }),
  list_type_sizes: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/statistics/types',
    description: 'How much of which kind of files snapshots hold, largest first.',
    input: oneRepository.extend({ snapshot: snapshotSelector.optional(), ...choice }),
    output: z.strictObject({ types: z.array(typeSize), damaged: damagedPaths }),
    errors: [...readerErrors, 'SNAPSHOT_NOT_FOUND'],
  }),
  list_snapshot_sizes: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/statistics/snapshots',
    description: 'What each snapshot holds, and what it holds alone, newest first.',
    input: oneRepository.extend({ ...choice, ...page }),
    output: z.strictObject({ total: count, snapshots: z.array(snapshotSize), cursor: pageCursor.nullable(), damaged: damagedPaths }),
    errors: readerErrors,
  }),
  list_folder_sizes: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/snapshots/{snapshot}/sizes',
    description: 'The entries of a folder of a snapshot, each with all below it, largest first.',
    input: inSnapshot.extend({ path: snapshotPath.default('/'), ...page }),
    output: z.strictObject({ path: z.string(), total: count, entries: z.array(folderSize), cursor: pageCursor.nullable(), damaged: damagedPaths }),
    errors: [...readerErrors, 'SNAPSHOT_NOT_FOUND', 'PATH_NOT_FOUND'],
  }),
  list_folder_growth: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/statistics/growth',
    description: 'How a folder grew over time, one step a snapshot, oldest first.',
    input: oneRepository.extend({ path: snapshotPath.default('/'), ...choice, entries: z.number().int().min(0).max(100).default(10).describe('of each step, the largest; fewer over more than 1,000 snapshots: of all steps together there are 100,000 at most'), ...page }),
    output: z.strictObject({ path: z.string(), total: count.describe('steps on all pages'), steps: z.array(growthStep), cursor: pageCursor.nullable(), damaged: damagedPaths }),
    errors: readerErrors,
  }),
} as const;
