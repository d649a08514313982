/**
 * Paths in snapshots, as people see and give them.
 *
 * Names are shown as text: bytes that are no UTF-8 become U+FFFD, and whatever has such a name is found by it as it is shown.
 */
import { isUtf8 } from 'node:buffer';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { Tree, TreeNode } from '../../core/repository/tree.ts';
import { findPath, splitSnapshotPath, type Found } from '../../core/restorer/find-path.ts';
import { Failure } from '../../shared/errors.ts';

/** Failure INVALID_INPUT (`path`). */
export function checkedComponents(path: string): Buffer[] {
  const components = splitSnapshotPath(Buffer.from(path));
  if (!path.startsWith('/') || path.includes('\0') || components.some((component) => component.toString('latin1') === '..')) {
    throw new Failure('INVALID_INPUT', { what: `The path ${JSON.stringify(path)} is no path in a snapshot`, next: 'Give it from the root, without "..", as in "/home/anna"' }, { path: 'path' });
  }
  return components;
}

/** As it is shown. */
export function shownPath(components: readonly Buffer[]): string {
  return `/${components.map((component) => component.toString('utf8')).join('/')}`;
}

/** Failures PATH_NOT_FOUND, DAMAGED. */
export async function findShown({ snapshot }: StoredSnapshot, components: readonly Buffer[], read: (id: Buffer) => Promise<Tree>): Promise<Found> {
  const path = Buffer.from(`/${components.map((component) => component.toString('latin1')).join('/')}`, 'latin1');
  return await findPath(Buffer.from(snapshot.tree, 'hex'), path, async (id) => withShownNames(await read(id), components));
}

/** Where a component is the text of a name that is no UTF-8, a node of that name is found by its text. */
function withShownNames(tree: Tree, components: readonly Buffer[]): Tree {
  const renamed = tree.nodes.filter((node) => !isUtf8(node.name)).map((node): TreeNode => ({ ...node, name: Buffer.from(node.name.toString('utf8')) }));
  const asked = renamed.filter(({ name }) => components.some((component) => component.equals(name)));
  return asked.length === 0 ? tree : { ...tree, nodes: [...tree.nodes, ...asked] };
}
