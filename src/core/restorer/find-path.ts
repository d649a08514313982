/**
 * From a path in a snapshot to its node.
 */
import { Failure } from '../../shared/errors.ts';
import { damaged } from '../repository/damage.ts';
import type { RefusedNode, Tree, TreeNode } from '../repository/tree.ts';

/** The snapshot's root, which has no node, or what was found. */
export type Found = { readonly kind: 'root'; readonly tree: Buffer } | { readonly kind: 'node'; readonly node: TreeNode; readonly path: Buffer };

const slash = 0x2f;

/** The components of a path in a snapshot: raw bytes, split at slashes; empty and `.` ones are left out. */
export function splitSnapshotPath(path: Buffer): Buffer[] {
  const components: Buffer[] = [];
  let start = 0;
  for (let at = 0; at <= path.length; at += 1) {
    if (at < path.length && path[at] !== slash) continue;
    const component = path.subarray(start, at);
    if (component.length > 0 && !(component.length === 1 && component[0] === 0x2e)) components.push(component);
    start = at + 1;
  }
  return components;
}

/** Reads one tree a component. Throws `PATH_NOT_FOUND` naming how far the path goes, and `DAMAGED` from `readTree`. */
export async function findPath(rootTree: Buffer, path: Buffer, readTree: (id: Buffer) => Promise<Tree>): Promise<Found> {
  const components = splitSnapshotPath(path);
  let tree: Buffer | null = rootTree;
  let found: TreeNode | undefined;
  let walked = Buffer.alloc(0);
  for (const component of components) {
    if (tree === null) throw notFound(path, `"${walked.toString('utf8')}" is not a folder`);
    const { nodes, refused } = await readTree(tree);
    found = nodes.find((node) => node.name.equals(component));
    if (found === undefined) throw refusal(path, component, refused) ?? notFound(path, `"${walked.length === 0 ? '/' : walked.toString('utf8')}" has nothing named "${component.toString('utf8')}"`);
    walked = Buffer.concat([walked, Buffer.from('/'), component]);
    tree = found.type === 'dir' ? found.subtree : null;
  }
  return found === undefined ? { kind: 'root', tree: rootTree } : { kind: 'node', node: found, path: walked };
}

/** The failure for a node that is there but refused. */
function refusal(path: Buffer, component: Buffer, refused: readonly RefusedNode[]): Failure | undefined {
  const fault = refused.find(({ nameText }) => component.equals(Buffer.from(nameText)))?.fault;
  return fault === undefined ? undefined : damaged(`The snapshot's "${path.toString('utf8')}" cannot be used: of "${component.toString('utf8')}", ${fault}`);
}

function notFound(path: Buffer, detail: string): Failure {
  return new Failure('PATH_NOT_FOUND', {
    what: `The snapshot has no "${path.toString('utf8')}": ${detail}`,
    next: 'List what it holds with "ls SNAPSHOT"',
  });
}
