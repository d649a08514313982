/** The export format of ncdu, byte for byte as restic writes it: for `ncdu -f -`. */
import { jsonStringOfBytes } from '../../repository/canonical-json.ts';
import { statFromMode } from '../../repository/modes.ts';
import { encodeSnapshot, type StoredSnapshot } from '../../repository/snapshots.ts';
import type { TreeNode } from '../../repository/tree.ts';
import type { LeftFolder, WalkedNode } from '../node-walk.ts';

const block = 512n;
const second = 1_000_000_000n;

export class NcduExport {
  #depth = 0;

  begin({ snapshot }: StoredSnapshot): string {
    return `[1, 2, ${encodeSnapshot(snapshot).toString('utf8')}, [{"name":"/"}`;
  }

  add(found: WalkedNode | LeftFolder): string {
    if (found.kind === 'left') {
      this.#depth -= 1;
      return `\n${this.#indent(1)}]`;
    }
    const { node, failure } = found;
    if (node.type !== 'dir') return `,\n${this.#indent(1)}${facts(node)}`;
    const opened = `,\n${this.#indent(1)}[\n${this.#indent(2)}${facts(node)}`;
    // A folder that was not entered is not left either.
    if (failure !== undefined || node.subtree === null) return `${opened}\n${this.#indent(1)}]`;
    this.#depth += 1;
    return opened;
  }

  end(): string {
    return '\n]\n]\n';
  }

  #indent(more: number): string {
    return '  '.repeat(this.#depth + more);
  }
}

function facts(node: TreeNode): string {
  const stored = ((node.size + block - 1n) / block) * block;
  const seconds = node.mtime / second - (node.mtime % second < 0n ? 1n : 0n);
  const name = jsonStringOfBytes(node.name);
  const special = node.type !== 'dir' && node.type !== 'file';
  return `{"name":${name},"asize":${node.size},"dsize":${stored},"dev":${node.deviceId},"ino":${node.inode},"nlink":${node.links},"notreg":${special},"uid":${node.uid},"gid":${node.gid},"mode":${statFromMode(node.mode).permissions},"mtime":${seconds}}`;
}
