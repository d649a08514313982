/**
 * The `.htpasswd` file (specification of the REST protocol, section 7).
 *
 * Accepted hashes: bcrypt (`$2a$`, `$2b$`, `$2y$`) and `{SHA}`. Other forms, and names that are not letters, digits,
 * `@`, `.`, `_` or `-`, are left out and reported; a repeated user: the last line wins.
 */
export type PasswordHash = { readonly kind: 'bcrypt'; readonly hash: string } | { readonly kind: 'sha'; readonly digest: Buffer };

export interface PasswordFile {
  readonly users: ReadonlyMap<string, PasswordHash>;
  /** One sentence for each line left out; never holds a hash. */
  readonly notes: readonly string[];
}

const userPattern = /^[\p{L}\p{Nd}@._-]+$/u;
const bcryptPattern = /^\$2[aby]\$\d{2}\$[./A-Za-z0-9]{53}$/;

/** Parses the file's text; throws an Error with one sentence where its lines do not all have the form `user:hash`. */
export function parsePasswordFile(text: string): PasswordFile {
  const users = new Map<string, PasswordHash>();
  const notes: string[] = [];
  for (const [position, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const fields = line.split(':');
    const [user = '', hash = ''] = fields;
    if (fields.length !== 2) throw new Error(`line ${position + 1} is not of the form user:hash`);
    if (!userPattern.test(user) || user === '.' || user === '..') {
      notes.push(`line ${position + 1}: this user name is not allowed`);
      continue;
    }
    const parsed = parseHash(hash);
    if (parsed === undefined) notes.push(`line ${position + 1}: only bcrypt and {SHA} hashes are accepted`);
    else users.set(user, parsed);
  }
  return { users, notes };
}

function parseHash(hash: string): PasswordHash | undefined {
  if (bcryptPattern.test(hash)) return { kind: 'bcrypt', hash };
  if (!hash.startsWith('{SHA}')) return undefined;
  const digest = Buffer.from(hash.slice('{SHA}'.length), 'base64');
  return digest.length === 20 ? { kind: 'sha', digest } : undefined;
}
