/**
 * The plan of targets with what the disk says about each of its nodes.
 *
 * Invariants: a target that does not exist is named once and left out of the plan; a folder on the way to a target may
 * be a link to a folder and is then stored as that folder, a target itself is never followed. What was named as a target
 * is not subject to excludes, only what lies below it (as in restic since 0.17).
 */
import { readdir, realpath } from 'node:fs/promises';
import { Failure } from '../../shared/errors.ts';
import type { Addon, DirectoryEntry } from '../native/addon.ts';
import { absolutePath, byteString, bytesOf, isBareFolder, type Platform } from './byte-path.ts';
import { errorOf } from './messages.ts';
import { typeOfEntry } from './nodes.ts';
import type { Tally } from './tally.ts';
import { planTargets, sortedChildren, type PlanNode } from './targets.ts';

export interface PreparedNode {
  readonly name: Buffer;
  /** Absolute path on disk. */
  readonly path: Buffer;
  readonly entry: DirectoryEntry;
  readonly target: boolean;
  /** By raw name. */
  readonly children: readonly PreparedNode[];
}

export interface PreparedTargets {
  readonly nodes: readonly PreparedNode[];
  /** Targets that exist, absolute and clean: `paths` of the snapshot. */
  readonly paths: readonly string[];
}

export interface Preparation {
  readonly addon: Pick<Addon, 'statPath'>;
  readonly tally: Tally;
  /** Byte string; where relative targets start. */
  readonly folder: string;
  readonly platform: Platform;
}

/** Throws `USAGE` without targets and `PATH_NOT_FOUND` where none of them exists. */
export async function prepareTargets(targets: readonly Uint8Array[], preparation: Preparation): Promise<PreparedTargets> {
  const { folder, platform } = preparation;
  if (targets.length === 0) throw new Failure('USAGE', { what: 'There is nothing to back up', next: 'Name at least one file or folder' });
  const missing = new Set<string>();
  const named: string[] = [];
  for (const target of targets) named.push(...(await namedTargets(byteString(target), preparation, missing)));
  const plan = planTargets(named, folder, platform);
  const nodes = await prepareChildren(plan.root, preparation, missing);
  const paths = targets.map((target) => absolutePath(byteString(target), folder, platform)).filter((path) => !missing.has(path));
  if (nodes.length === 0 && paths.length === 0) {
    throw new Failure('PATH_NOT_FOUND', {
      what: targets.length === 1 ? 'The file or folder to back up does not exist or cannot be reached' : 'None of the files and folders to back up exists or can be reached',
      safe: 'No snapshot was made; earlier ones are untouched',
      next: 'Check the paths and try again',
    });
  }
  return { nodes, paths: [...new Set(paths)].map((path) => displayPath(path, platform)) };
}

/** The target itself, or the entries of a folder that has no name of its own (`.`, `..`, `/`). */
async function namedTargets(target: string, { folder, platform, tally }: Preparation, missing: Set<string>): Promise<string[]> {
  if (!isBareFolder(target, platform)) return [target];
  const path = absolutePath(target, folder, platform);
  try {
    return (await readdir(bytesOf(path), { encoding: 'buffer' })).map((name) => `${target}/${byteString(name)}`);
  } catch (error) {
    const { code, message } = errorOf(error);
    tally.error(bytesOf(path), 'scan', code, message);
    missing.add(path);
    return [];
  }
}

async function prepareChildren(parent: PlanNode, preparation: Preparation, missing: Set<string>): Promise<PreparedNode[]> {
  const prepared = await Promise.all(sortedChildren(parent).map((child) => prepareNode(child, preparation, missing)));
  return prepared.filter((node) => node !== undefined);
}

async function prepareNode(node: PlanNode, preparation: Preparation, missing: Set<string>): Promise<PreparedNode | undefined> {
  const path = bytesOf(node.path);
  let entry: DirectoryEntry;
  try {
    entry = await preparation.addon.statPath(path, { xattrs: true });
    if (!node.target && typeOfEntry(entry) === 'symlink') entry = await preparation.addon.statPath(await realpath(path, { encoding: 'buffer' }), { xattrs: true });
  } catch (error) {
    const { code, message } = errorOf(error);
    preparation.tally.error(path, 'scan', code, code === 'ENOENT' ? 'it does not exist' : message);
    for (const target of targetsBelow(node)) missing.add(target);
    return undefined;
  }
  if (!node.target && typeOfEntry(entry) !== 'dir') {
    preparation.tally.error(path, 'scan', 'ENOTDIR', '');
    for (const target of targetsBelow(node)) missing.add(target);
    return undefined;
  }
  const children = await prepareChildren(node, preparation, missing);
  if (!node.target && children.length === 0) return undefined;
  return { name: bytesOf(node.name), path, entry, target: node.target, children };
}

function targetsBelow(node: PlanNode): string[] {
  return [...(node.target ? [node.path] : []), ...[...node.children.values()].flatMap(targetsBelow)];
}

/** As the snapshot names it: text, with the separators of the system. */
function displayPath(path: string, platform: Platform): string {
  const text = bytesOf(path).toString('utf8');
  return platform === 'windows' ? text.replaceAll('/', '\\') : text;
}
