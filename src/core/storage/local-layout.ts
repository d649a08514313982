/**
 * Where objects lie in a folder (specification of the repository format, section 1).
 *
 * Invariants: only checked names become paths; everything that is not an object's name in its own place is foreign.
 * A temporary file lies in the folder of its object, so that the final rename stays within one file system; its name
 * tells the process that writes it, so that leftovers can be told from uploads in progress.
 */
import { randomBytes } from 'node:crypto';
import { join, sep } from 'node:path';
import type { ObjectHandle, ObjectType } from './object-store.ts';
import { StorageError, isObjectName } from './object-store.ts';

export type ListedType = Exclude<ObjectType, 'config'>;

/** Folder of each type below the root. */
export const typeFolders: Readonly<Record<ListedType, string>> = {
  key: 'keys',
  lock: 'locks',
  snapshot: 'snapshots',
  index: 'index',
  data: 'data',
};

/** `00` … `ff`: the folders below `data`. */
export const fanOut: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

const temporaryPattern = /^(?:[0-9a-f]{64}|config)\.cyberbackup-temp-(\d+)-[0-9a-f]{16}$/;

/** Refuses a name that must never reach a path or an URL. */
export function assertObjectName(handle: ObjectHandle): void {
  if (!isObjectName(handle.type, handle.name)) throw new StorageError('permanent', `not a name of a stored ${handle.type}`);
}

/** The folder that holds the object. */
export function objectFolder(root: string, handle: ObjectHandle): string {
  assertObjectName(handle);
  if (handle.type === 'config') return root;
  if (handle.type === 'data') return join(root, 'data', handle.name.slice(0, 2));
  return join(root, typeFolders[handle.type]);
}

export function objectPath(root: string, handle: ObjectHandle): string {
  return join(objectFolder(root, handle), handle.type === 'config' ? 'config' : handle.name);
}

/** The same of many, of which thousands are asked for: the folder is joined once. */
export function objectPaths(root: string, type: ObjectType, names: readonly string[]): string[] {
  if (type === 'config') return names.map((name) => objectPath(root, { type, name }));
  const folder = join(root, typeFolders[type]) + sep;
  return names.map((name) => {
    assertObjectName({ type, name });
    return type === 'data' ? folder + name.slice(0, 2) + sep + name : folder + name;
  });
}

/** A fresh name beside the object. */
export function temporaryPath(root: string, handle: ObjectHandle): string {
  return `${objectPath(root, handle)}.cyberbackup-temp-${process.pid}-${randomBytes(8).toString('hex')}`;
}

/** The process that wrote a temporary file of ours, from the file's name; undefined for every other name. */
export function temporaryOwner(fileName: string): number | undefined {
  const match = temporaryPattern.exec(fileName);
  return match === null ? undefined : Number(match[1]);
}
