/**
 * The text of a stored document: `{"version": 2, "checksum": "…", "document": {…}}`.
 *
 * The checksum covers version and content, so a damaged version is damage, and not a newer format. White space and the
 * order of the three members do not matter; every other change does.
 */
import { createHash } from 'node:crypto';

/** What a text turned out to be. */
export type Unsealed = { readonly state: 'whole'; readonly version: number; readonly content: unknown } | { readonly state: 'damaged'; readonly reason: string };

export function sealDocument(version: number, content: unknown): string {
  return `${JSON.stringify({ version, checksum: checksum(version, content), document: content }, undefined, 2)}\n`;
}

export function unsealDocument(text: string): Unsealed {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { state: 'damaged', reason: text === '' ? 'it is empty' : 'it is no JSON' };
  }
  const { version, checksum: stored, document } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1 || document === undefined) return { state: 'damaged', reason: 'it is no document of this program' };
  if (stored !== checksum(version, document)) return { state: 'damaged', reason: 'its checksum does not fit its content' };
  return { state: 'whole', version, content: document };
}

function checksum(version: number, content: unknown): string {
  return createHash('sha256').update(JSON.stringify([version, content])).digest('hex');
}
