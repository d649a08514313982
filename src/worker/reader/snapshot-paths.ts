/**
 * Paths in snapshots, as people see and give them.
 *
 * Names are shown as text: bytes that are no UTF-8 become U+FFFD, and whatever has such a name is found by it as it is shown.
 */
import { isUtf8 } from 'node:buffer';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { Tree } from '../../core/repository/tree.ts';
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

/** `path` of what is found: raw bytes. Failures PATH_NOT_FOUND, DAMAGED. */
export async function findShown({ snapshot }: StoredSnapshot, components: readonly Buffer[], read: (id: Buffer) => Promise<Tree>): Promise<Found> {
  const names: Buffer[] = [];
  const found = await findPath(Buffer.from(snapshot.tree, 'hex'), joined(components), async (id) => {
    const tree = await read(id);
    const component = components[names.length] ?? Buffer.alloc(0);
    const exact = tree.nodes.some(({ name }) => name.equals(component));
    const shown = exact ? undefined : tree.nodes.find(({ name }) => !isUtf8(name) && Buffer.from(name.toString('utf8')).equals(component));
    names.push(shown?.name ?? component);
    return shown === undefined ? tree : { ...tree, nodes: [...tree.nodes, { ...shown, name: component }] };
  });
  return found.kind === 'root' ? found : { ...found, path: joined(names) };
}

function joined(names: readonly Buffer[]): Buffer {
  return Buffer.from(`/${names.map((name) => name.toString('latin1')).join('/')}`, 'latin1');
}
