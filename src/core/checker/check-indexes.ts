/**
 * Index files: readable, and in agreement about each pack (specification sections 9 and 18).
 */
import { createHash } from 'node:crypto';
import { Failure } from '../../shared/errors.ts';
import { recordSize } from '../native/addon.ts';
import type { Repository } from '../repository/repository.ts';
import { remedies } from './findings.ts';
import type { Findings } from './findings.ts';

interface IndexedBlob {
  readonly id: string;
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly uncompressed_length?: number;
}

interface Description {
  readonly index: string;
  /** Of the pack's blobs in the order of their offsets. */
  readonly digest: string;
}

/** Loads the repository's index without the damaged files, which are errors. */
export async function checkIndexes(repository: Repository, findings: Findings, signal?: AbortSignal): Promise<void> {
  const report = await repository.loadIndex(signal, { tolerateDamage: true });
  const damagedNames = new Set(report.damaged.map(({ name }) => name));
  for (const { name, failure } of report.damaged) findings.error('index', name, failure.text.what, remedies.damagedIndex);
  const descriptions = new Map<string, Description>();
  for await (const { name } of repository.store.list('index', signal)) {
    if (damagedNames.has(name)) continue;
    for (const [pack, digest] of await describedPacks(repository, name, findings, signal)) compare(pack, { index: name, digest }, descriptions, findings);
  }
  hintMixedPacks(repository, findings);
}

async function describedPacks(repository: Repository, name: string, findings: Findings, signal: AbortSignal | undefined): Promise<[string, string][]> {
  try {
    // The addon has parsed and checked the same text before; here only its shape is relied on.
    const text = (await repository.readUnpacked('index', name, signal)).toString('utf8');
    const parsed = JSON.parse(text) as { readonly packs?: readonly { readonly id: string; readonly blobs: readonly IndexedBlob[] }[] } | readonly never[];
    const packs = 'packs' in parsed ? (parsed.packs ?? []) : [];
    return packs.map((pack) => [pack.id, digestOf(pack.blobs)]);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
    findings.error('index', name, error.text.what, remedies.damagedIndex);
    return [];
  }
}

function digestOf(blobs: readonly IndexedBlob[]): string {
  const hash = createHash('sha256');
  const sorted = [...blobs].sort((a, b) => a.offset - b.offset);
  for (const blob of sorted) hash.update(`${blob.type} ${blob.id} ${blob.offset} ${blob.length} ${blob.uncompressed_length ?? 0}\n`);
  return hash.digest('base64');
}

function compare(pack: string, description: Description, known: Map<string, Description>, findings: Findings): void {
  const earlier = known.get(pack);
  if (earlier === undefined) {
    known.set(pack, description);
  } else if (earlier.digest === description.digest) {
    findings.hint('pack', pack, `Pack ${pack} is listed in several indexes: ${earlier.index} and ${description.index}`, remedies.nothing);
  } else {
    findings.error('pack', pack, `Pack ${pack} is described differently in index ${earlier.index} and index ${description.index}`, remedies.damagedIndex);
  }
}

function hintMixedPacks(repository: Repository, findings: Findings): void {
  const ids = repository.index.packIds();
  for (let at = 0; at < ids.length; at += 32) {
    const id = ids.subarray(at, at + 32);
    if (isMixed(repository.index.packRecords(id))) findings.hint('pack', id.toString('hex'), `Pack ${id.toString('hex')} holds both folders and file contents, as old versions of restic wrote them`, remedies.nothing);
  }
}

function isMixed(records: Buffer): boolean {
  for (let at = recordSize; at < records.length; at += recordSize) if (records[at] !== records[0]) return true;
  return false;
}
