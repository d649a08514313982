/**
 * The file of a backup server's own users (`.users.json` in its data folder): who may sign in, how much each may store, and
 * whether they may delete.
 *
 * Invariants: the file has one writer, whoever administers the server; the server only reads it, and keeps what it observes
 * (when a user was seen) in a file of its own beside it. A user's repositories lie in the folder of the user's name.
 */
import { z } from 'zod';

/** In the data folder; a dot keeps them apart from every repository. */
export const usersFileName = '.users.json';
export const sightingsFileName = '.users-seen.json';

/** First folders that mean something else: to the protocol, to the agent, or to Windows. */
const takenNames = /^(?:api|metrics|health|config|keys|locks|snapshots|index|data|default|cyberbackup|con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/** Small letters, so that no file system takes the folders of two users for one. */
export const serverUserName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?$/, 'up to 64 small letters, digits, ".", "_" and "-", with a letter or digit first')
  .refine((name) => !takenNames.test(name), 'this name has another meaning on a server');

export const quotaBytes = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullable().describe('bytes that the repositories of the user may hold; null: no limit');

/** bcrypt takes no notice of what comes after 72 bytes. */
export const serverPassword = z
  .string()
  .min(8)
  .refine((password) => new TextEncoder().encode(password).length <= 72, 'at most 72 bytes');

const serverUser = z.strictObject({
  name: serverUserName,
  password_hash: z.string().regex(/^\$2[aby]\$\d{2}\$[./A-Za-z0-9]{53}$/, 'a bcrypt hash'),
  quota_bytes: quotaBytes,
  append_only: z.boolean().describe('may delete nothing but locks'),
});
export type ServerUser = z.infer<typeof serverUser>;

export const serverUsersFile = z.strictObject({
  version: z.literal(1),
  users: z.array(serverUser).refine((users) => new Set(users.map(({ name }) => name)).size === users.length, 'a name stands twice'),
});

/** What the server tells of one of its users; never a hash. */
export const serverUserUse = z.strictObject({
  name: z.string(),
  quota_bytes: quotaBytes,
  append_only: z.boolean(),
  stored_bytes: z.number().int().nonnegative().nullable().describe('null while it is not known'),
  last_seen_at: z.iso.datetime().nullable(),
  computers: z.number().int().nonnegative().describe('addresses that signed in within the last 30 days'),
});
export type ServerUserUse = z.infer<typeof serverUserUse>;

/** Of the server's `/api/status` and `/api/storage`, what its agent shows. `network` is where other computers reach it. */
export const serverStatus = z.looseObject({ started_at: z.iso.datetime(), network: z.object({ port: z.number().int(), fingerprint: z.string() }).nullable().default(null) });
export const serverStorage = z.looseObject({ stored_bytes: z.number().int().nonnegative().nullable() });

export const sightingsFile = z.strictObject({
  version: z.literal(1),
  /** By user, then by address: when it was last seen, in ms since 1970. */
  seen: z.record(z.string(), z.record(z.string(), z.number())),
});
export type Sightings = z.infer<typeof sightingsFile>['seen'];

/** How long an address counts as a computer of the user. */
export const computerDays = 30;

/** When the user was last seen, and from how many computers lately. */
export function sightingOf(seen: Sightings, name: string, now: number): Pick<ServerUserUse, 'last_seen_at' | 'computers'> {
  const times = Object.values(seen[name] ?? {});
  const since = now - computerDays * 24 * 60 * 60 * 1000;
  return { last_seen_at: times.length === 0 ? null : new Date(Math.max(...times)).toISOString(), computers: times.filter((time) => time >= since).length };
}

/** Parses the text of the users' file; throws an Error with one sentence. */
export function parseServerUsers(text: string): readonly ServerUser[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error('it is not JSON', { cause: error });
    throw error;
  }
  const { data, error } = serverUsersFile.safeParse(value);
  if (data !== undefined) return data.users;
  const [issue] = error.issues;
  throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is of another form'}`);
}
