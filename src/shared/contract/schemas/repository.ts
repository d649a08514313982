/** Repositories that the agent knows, their snapshots and folders. Passwords go in and come out on a recovery sheet only. */
import { z } from 'zod';
import { byteCount, count, identifier, timestamp } from './common.ts';

/** `/path`, `local:/path`, `rest:http[s]://…`; credentials in the URL go to the secret store, and the URL is kept without. */
export const repositoryUrl = z.string().min(1).max(4096);
export const certificateFingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 as 64 hex digits');

export const newRepository = z.strictObject({
  name: z.string().trim().min(1).max(120).optional(),
  url: repositoryUrl,
  password: z.string().min(1).max(1024),
  create: z.boolean().optional().describe('true: make a new one; false: it must exist; default: make it where there is none'),
  certificate_fingerprint: certificateFingerprint.optional().describe('default: that of the first connection, from then on no other'),
});
export type NewRepository = z.infer<typeof newRepository>;

export const repository = z.strictObject({
  repository_id: identifier,
  name: z.string(),
  url: z.string().describe('without credentials'),
  kind: z.enum(['embedded', 'local', 'rest', 's3']),
  created_at: timestamp,
  certificate_fingerprint: certificateFingerprint.nullable(),
  last_used_at: timestamp.nullable(),
  last_error: z.string().nullable(),
  last_pruned_at: timestamp.exactOptional().describe('missing: never by this agent'),
});
export type Repository = z.infer<typeof repository>;

export const connectionTest = z.strictObject({
  reachable: z.boolean(),
  exists: z.boolean().nullable().describe('null where that could not be found out'),
  password_opens: z.boolean().nullable(),
  version: z.number().int().nullable(),
  latency_ms: z.number().nonnegative().nullable(),
  certificate_fingerprint: certificateFingerprint.nullable(),
  message: z.string(),
});

export type ConnectionTest = z.infer<typeof connectionTest>;

export const diagnosisStep = z.strictObject({
  step: z.enum(['network', 'name', 'port', 'answer', 'folder']),
  ok: z.boolean(),
  subject: z.string().describe('the name, port or folder that was looked at'),
  detail: z.string().describe('what was found: an address, a status; the code of what went wrong'),
  took_ms: count,
});
export type DiagnosisStep = z.infer<typeof diagnosisStep>;

/** All that is needed to restore with restic alone; the only answer that holds a password. */
export const recoverySheet = z.strictObject({
  location: z.string().describe('without credentials'),
  file_name: z.string(),
  text: z.string(),
});
export type RecoverySheet = z.infer<typeof recoverySheet>;

export const snapshot = z.looseObject({
  id: z.string(),
  short_id: z.string(),
  time: z.string(),
  hostname: z.string(),
  username: z.string().optional(),
  paths: z.array(z.string()),
  tags: z.array(z.string()).optional(),
});
export type Snapshot = z.infer<typeof snapshot>;

export const treeEntry = z.strictObject({
  name: z.string(),
  path: z.string(),
  type: z.enum(['file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket', 'irregular', '']),
  size: byteCount.optional(),
  mode: count.optional(),
  mtime: z.string().optional(),
  link_target: z.string().optional(),
});
export type TreeEntry = z.infer<typeof treeEntry>;

/** What a restore would write, and what is at the same paths now. */
export const restorePreview = z.strictObject({
  files: count.describe('everything but folders'),
  folders: count,
  bytes: byteCount,
  same: count.describe('of the files: there already, of the same size and time'),
  older_there: count.describe('there, different, not newer'),
  newer_there: count.describe('there, different, changed after the copy was made'),
  complete: z.boolean().describe('false: it was too much to look at everything, and the numbers are the least'),
});
export type RestorePreview = z.infer<typeof restorePreview>;
