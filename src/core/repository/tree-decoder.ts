/**
 * Reading the JSON of a tree. A second run of a backup decodes every folder of the snapshot before, so this must be
 * quick: the members of a node are tried in canonical order, one comparison each, and only what is out of order or
 * unknown takes the general way.
 *
 * Vocabulary: a *refused* node is whole JSON, but has a name that could leave its folder or a type that this program
 * does not know (`irregular`, or whatever comes after us). It costs only itself, its neighbours stay usable.
 */
import type { ExtendedAttribute } from '../native/addon.ts';
import { JsonError, JsonScanner, textOfRaw } from './json-scanner.ts';
import { childNameFault, unquoteName } from './node-name.ts';
import { parseTime } from './times.ts';
import type { NodeType, RefusedNode, Tree, TreeNode } from './tree.ts';

const noAttributes: readonly ExtendedAttribute[] = Object.freeze([]);
const noName = Buffer.alloc(0);
const noTypeFault = 'it has no type';
const maximumUint32 = 2 ** 32 - 1;
const comma = 0x2c;
const closingBrace = 0x7d;

const types: ReadonlyMap<string, NodeType> = new Map((['file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket'] as const).map((type) => [type, type]));

/** What neighbours share is parsed once: the last time and owner read, and their raw texts. */
class TreeScanner {
  readonly scanner: JsonScanner;
  #timeText = '';
  #time = 0n;
  #ownerText = '';
  #owner = '';
  /** Of the node being read. */
  hasType = false;
  hasRawTarget = false;
  nameText = '';
  fault: string | undefined;

  constructor(bytes: Buffer) {
    this.scanner = new JsonScanner(bytes);
  }

  time(): bigint {
    const text = this.scanner.rawString();
    if (text === this.#timeText) return this.#time;
    const instant = parseTime(text) ?? parseTime(textOfRaw(text));
    if (instant === undefined) throw new JsonError(`not a time: ${JSON.stringify(text)}`);
    this.#timeText = text;
    this.#time = instant;
    return instant;
  }

  owner(): string {
    const text = this.scanner.rawString();
    if (text === this.#ownerText) return this.#owner;
    this.#owner = textOfRaw(text);
    this.#ownerText = text;
    return this.#owner;
  }

  name(): Buffer {
    const raw = this.scanner.rawString();
    this.nameText = raw;
    // Without a backslash both levels of escaping are the identity.
    const name = raw.includes('\\') ? unquoteName(textOfRaw(raw)) : Buffer.from(raw, 'latin1');
    const fault = name === undefined ? 'its name cannot be read' : childNameFault(name);
    if (fault !== undefined) this.fault = fault;
    return name ?? noName;
  }

  type(): NodeType {
    const raw = this.scanner.rawString();
    const type = types.get(raw);
    this.hasType = true;
    if (type === undefined) this.fault ??= raw === '' ? noTypeFault : `its type ${JSON.stringify(textOfRaw(raw))} is not known`;
    return type ?? 'file';
  }

  base64(): Buffer {
    const text = this.scanner.string();
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') !== text) throw new JsonError('wrong base64');
    return bytes;
  }

  id(): Buffer {
    const raw = this.scanner.rawString();
    const id = Buffer.from(raw, 'hex');
    if (raw.length !== 64 || id.length !== 32) throw new JsonError(`not an id: ${JSON.stringify(raw)}`);
    return id;
  }

  /** n·32 bytes. */
  content(): Buffer {
    const ids: Buffer[] = [];
    this.scanner.array(() => void ids.push(this.id()));
    return ids.length === 1 && ids[0] !== undefined ? ids[0] : Buffer.concat(ids);
  }

  attributes(): ExtendedAttribute[] {
    const attributes: ExtendedAttribute[] = [];
    this.scanner.array(() => {
      const attribute: { name: Buffer; value: Buffer } = { name: noName, value: noName };
      this.scanner.object((key) => {
        if (this.scanner.acceptNull()) return;
        if (key === 'name') attribute.name = Buffer.from(this.scanner.string(), 'utf8');
        else if (key === 'value') attribute.value = this.base64();
        else this.scanner.skipValue();
      });
      attributes.push(attribute);
    });
    return attributes;
  }

  genericAttributes(): string {
    if (this.scanner.text.charCodeAt(this.scanner.position) !== 0x7b) this.scanner.fail('an object');
    return Buffer.from(this.scanner.skipValue(), 'latin1').toString('utf8');
  }
}

type MemberReader = (tree: TreeScanner, node: TreeNode) => void;

/** In canonical order. A value of null leaves the member as it is, as in Go. */
const members: readonly (readonly [string, MemberReader])[] = [
  ['name', (tree, node) => void (node.name = tree.name())],
  ['type', (tree, node) => void (node.type = tree.type())],
  ['mode', (tree, node) => void (node.mode = tree.scanner.integer(maximumUint32))],
  ['mtime', (tree, node) => void (node.mtime = tree.time())],
  ['atime', (tree, node) => void (node.atime = tree.time())],
  ['ctime', (tree, node) => void (node.ctime = tree.time())],
  ['uid', (tree, node) => void (node.uid = tree.scanner.integer(maximumUint32))],
  ['gid', (tree, node) => void (node.gid = tree.scanner.integer(maximumUint32))],
  ['user', (tree, node) => void (node.user = tree.owner())],
  ['group', (tree, node) => void (node.group = tree.owner())],
  ['inode', (tree, node) => void (node.inode = tree.scanner.bigInteger())],
  ['device_id', (tree, node) => void (node.deviceId = tree.scanner.bigInteger())],
  ['size', (tree, node) => void (node.size = tree.scanner.bigInteger())],
  ['links', (tree, node) => void (node.links = tree.scanner.bigInteger())],
  [
    'linktarget',
    (tree, node) => {
      const target = Buffer.from(tree.scanner.string(), 'utf8');
      if (!tree.hasRawTarget) node.linkTarget = target;
    },
  ],
  [
    'linktarget_raw',
    (tree, node) => {
      node.linkTarget = tree.base64();
      tree.hasRawTarget = true;
    },
  ],
  ['extended_attributes', (tree, node) => void (node.xattrs = tree.attributes())],
  ['generic_attributes', (tree, node) => void (node.genericAttributes = tree.genericAttributes())],
  ['device', (tree, node) => void (node.device = tree.scanner.bigInteger())],
  ['content', (tree, node) => void (node.content = tree.content())],
  ['subtree', (tree, node) => void (node.subtree = tree.id())],
];
const readers = new Map(members);
/** Each member's key as canonical JSON has it, after the comma. */
const keys: readonly string[] = members.map(([name]) => `"${name}":`);
const values: readonly MemberReader[] = members.map(([, reader]) => reader);

/** Undefined where the node is refused; the tree then has its `fault`. */
function readNode(tree: TreeScanner): TreeNode | undefined {
  const { scanner } = tree;
  const node: TreeNode = {
    name: noName,
    type: 'file',
    mode: 0,
    mtime: 0n,
    atime: 0n,
    ctime: 0n,
    uid: 0,
    gid: 0,
    user: '',
    group: '',
    inode: 0n,
    deviceId: 0n,
    size: 0n,
    links: 0n,
    xattrs: noAttributes,
    device: 0n,
    content: null,
    subtree: null,
  };
  tree.hasType = false;
  tree.hasRawTarget = false;
  tree.nameText = '';
  tree.fault = undefined;
  scanner.expect('{');
  if (!readInOrder(tree, node)) readRemaining(tree, node);
  if (node.name.length === 0) tree.fault ??= childNameFault(node.name);
  if (!tree.hasType) tree.fault ??= noTypeFault;
  return tree.fault === undefined ? node : undefined;
}

/** Reads members while they are in canonical order. True once the node has ended; else the scanner is at a key. */
function readInOrder(tree: TreeScanner, node: TreeNode): boolean {
  const { scanner } = tree;
  if (scanner.accept(closingBrace)) return true;
  for (let index = 0; index < keys.length; index++) {
    if (!scanner.acceptText(keys[index] ?? '')) continue;
    scanner.skipSpace();
    if (!scanner.acceptNull()) values[index]?.(tree, node);
    if (!scanner.accept(comma)) {
      scanner.expect('}');
      return true;
    }
  }
  return false;
}

/** The members that are not in canonical order, or unknown; these are skipped. */
function readRemaining(tree: TreeScanner, node: TreeNode): void {
  const { scanner } = tree;
  do {
    const key = textOfRaw(scanner.rawString());
    scanner.expect(':');
    const reader = readers.get(key);
    if (reader === undefined) scanner.skipValue();
    else if (!scanner.acceptNull()) reader(tree, node);
  } while (scanner.accept(comma));
  scanner.expect('}');
}

/** The nodes of a tree blob, in stored order, and those that are refused. Throws JsonError. */
export function decodeNodes(bytes: Buffer): Tree {
  const tree = new TreeScanner(bytes);
  const { scanner } = tree;
  let nodes: TreeNode[] | undefined;
  let refused: RefusedNode[] = [];
  scanner.skipSpace();
  scanner.object((key) => {
    if (key !== 'nodes') {
      scanner.skipValue();
      return;
    }
    const list: TreeNode[] = [];
    refused = [];
    scanner.array(() => {
      const node = readNode(tree);
      if (node === undefined) refused.push({ nameText: textOfRaw(tree.nameText), fault: tree.fault ?? '' });
      else list.push(node);
    });
    nodes = list;
  });
  scanner.end();
  if (nodes === undefined) throw new JsonError('no list of nodes');
  return { nodes, refused };
}
