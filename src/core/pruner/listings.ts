/**
 * Lists that a prune may believe.
 *
 * What is not listed is removed, so a list that is shorter than the truth would cost data. A list that fails is an error
 * already (object-store.ts). Here those are found out that only look whole: an index pack that is not listed, a snapshot that
 * another one names and that is there all the same, a second list that differs from the first.
 */
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { listObjects } from '../repository/named-objects.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { StorageError } from '../storage/object-store.ts';
import type { ObjectHandle } from '../storage/object-store.ts';
import type { PackTable } from './pack-table.ts';

const namedPacks = 3;

/** Names of the snapshots and of the index files. */
export class RepositoryLists {
  readonly snapshots: ReadonlySet<string>;
  readonly indexes: ReadonlySet<string>;

  private constructor(snapshots: ReadonlySet<string>, indexes: ReadonlySet<string>) {
    this.snapshots = snapshots;
    this.indexes = indexes;
  }

  static async read(repository: Repository, signal?: AbortSignal): Promise<RepositoryLists> {
    const names = async (type: 'snapshot' | 'index'): Promise<Set<string>> => new Set((await listObjects(repository.store, type, signal)).map(({ name }) => name));
    return new RepositoryLists(await names('snapshot'), await names('index'));
  }

  /** Failure STORAGE_FAILED where a later list has other names, but for index files written meanwhile. */
  async confirm(repository: Repository, written: ReadonlySet<string>, signal?: AbortSignal): Promise<void> {
    const later = await RepositoryLists.read(repository, signal);
    const indexes = new Set([...later.indexes].filter((name) => !written.has(name)));
    const strange = difference(this.snapshots, later.snapshots) ?? difference(this.indexes, indexes);
    if (strange !== undefined) throw unreliable(`${strange} is in one list of the storage ${repository.store.location} and not in another, though the repository is locked`);
  }
}

function difference(a: ReadonlySet<string>, b: ReadonlySet<string>): string | undefined {
  for (const name of a) if (!b.has(name)) return name;
  for (const name of b) if (!a.has(name)) return name;
  return undefined;
}

/** Failure STORAGE_FAILED where a snapshot exists that is not listed: a parent or an original of those listed. */
export async function assertSnapshotsComplete(repository: Repository, snapshots: readonly StoredSnapshot[], signal?: AbortSignal): Promise<void> {
  const listed = new Set(snapshots.map(({ id }) => id));
  const named = new Set(snapshots.flatMap(({ snapshot }) => [snapshot.parent, snapshot.original]).filter((id) => id !== undefined));
  const look = async (name: string): Promise<void> => {
    if (!(await exists(repository, { type: 'snapshot', name }, signal))) return;
    throw unreliable(`Snapshot ${name.slice(0, 12)} is there, but the storage ${repository.store.location} does not list it`);
  };
  await mapConcurrently([...named].filter((id) => !listed.has(id)), repository.store.smallOperations, look, signal);
}

/** Notes each listed pack in the table; resolves with those that no index lists. Failure DAMAGED where an indexed pack is not listed. */
export async function listPacks(repository: Repository, table: PackTable, signal?: AbortSignal): Promise<{ readonly names: readonly string[]; readonly bytes: number }> {
  const names: string[] = [];
  let bytes = 0;
  for await (const { name, size } of repository.store.list('data', signal)) {
    const pack = table.find(Buffer.from(name, 'hex'));
    pack?.list(size);
    if (pack !== undefined) continue;
    names.push(name);
    bytes += size;
  }
  const missing: string[] = [];
  for (const pack of table.rows()) if (!pack.isListed) missing.push(pack.name);
  if (missing.length > 0) throw await missingPacks(repository, missing, signal);
  return { names, bytes };
}

async function missingPacks(repository: Repository, missing: readonly string[], signal?: AbortSignal): Promise<Failure> {
  const [first = ''] = missing;
  if (await exists(repository, { type: 'data', name: first }, signal)) return unreliable(`Pack ${first} is there, but the storage ${repository.store.location} does not list it`);
  const more = missing.length > namedPacks ? ` and ${missing.length - namedPacks} more` : '';
  return new Failure('DAMAGED', {
    what: `${missing.length === 1 ? 'A pack' : `${missing.length} packs`} that the index names ${missing.length === 1 ? 'is' : 'are'} not in the storage: ${missing.slice(0, namedPacks).join(', ')}${more}`,
    safe: 'Nothing was removed',
    next: 'If a part of the storage is not reachable now, bring it back. If the packs are lost, run `cyberbackup repair index`, which forgets them, and `cyberbackup check`; then prune again',
  });
}

/** Asks for the one object, whatever a list says. */
export async function exists(repository: Repository, handle: ObjectHandle, signal?: AbortSignal): Promise<boolean> {
  try {
    await repository.store.stat(handle, signal);
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'not-found') return false;
    throw error;
  }
}

/** Failure STORAGE_FAILED of a list that is wrong. */
export function unreliable(what: string): Failure {
  return new Failure('STORAGE_FAILED', {
    what,
    safe: 'Nothing that a snapshot needs was removed',
    next: 'The lists of this storage cannot be relied on now. Look into its own log, or try again later; run `cyberbackup check` before you prune again',
  });
}
