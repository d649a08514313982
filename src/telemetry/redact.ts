/**
 * The last net under logs and spans: whatever a caller passes by mistake, no credential leaves.
 *
 * Blanked are fields whose name ends in a word that means a secret, the credentials of URLs, values of `Bearer` and `Basic`,
 * and secret parameters of queries. Values become plain JSON on the way.
 */
const secret = '[secret]';
const secretWords: ReadonlySet<string> = new Set(['password', 'passphrase', 'token', 'secret', 'authorization', 'cookie', 'key', 'credentials']);
const longestText = 8192;
const deepest = 6;
const mostEntries = 200;

/** The text without credentials. */
export function redactText(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  // Greedy to the last "@" before the path: a password may hold one. Nothing after "://" matches "://" again, so this stays linear.
  const plain = short.includes('://') ? short.replace(/:\/\/[^\s/?#]*@/g, `://${secret}@`) : short;
  return plain
    .replace(/\b(bearer|basic) +[\w.~+/=-]{4,}/gi, `$1 ${secret}`)
    .replace(/([?&][\w-]*(?:password|token|secret|key)=)[^&\s]+/gi, `$1${secret}`);
}

/** The fields as plain values without secrets. */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactEntries(fields, 0);
}

export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return secretWords.has(words.at(-1) ?? '');
}

function redactEntries(fields: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, mostEntries)) {
    clean[name] = isSecretName(name) && value !== null && value !== undefined ? secret : redactValue(value, depth);
  }
  return clean;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return redactText('code' in value && typeof value.code === 'string' ? `${value.code}: ${value.message}` : value.message);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (depth >= deepest) return '…';
  if (Array.isArray(value)) return value.slice(0, mostEntries).map((item) => redactValue(item, depth + 1));
  return redactEntries(value, depth + 1);
}
