/**
 * From what the user names to a chain of folders in the snapshot (specification section 13).
 *
 * Vocabulary: a *target* is a path to back up. The *plan* is the tree of folders that leads to the targets: a plan node
 * that is a target is stored whole; any other is stored with its own metadata, but only with the children in the plan.
 *
 * Invariants: an absolute target appears under every component of its path; a relative one starts at its first
 * component that is not `..`; two relative targets whose equal first components lie in different folders do not mix,
 * the second becomes `name-1`. A target inside another target adds nothing.
 */
import { absolutePath, bytesOf, cleanPath, componentsOf, isAbsolute, namedComponents, volumeOf, type Platform } from './byte-path.ts';

export interface PlanNode {
  /** Name in the snapshot; byte string. */
  readonly name: string;
  /** Absolute path on disk, where its metadata are read; byte string. Empty for the nameless root. */
  readonly path: string;
  /** Folder in which the first component was found: tells equal names apart. */
  readonly origin: string;
  /** Stored whole. */
  target: boolean;
  readonly children: Map<string, PlanNode>;
}

export interface Plan {
  readonly root: PlanNode;
  /** Every target once, absolute and clean, in the order given: `paths` of the snapshot. */
  readonly paths: readonly string[];
}

/** `targets` and `folder` (the working directory) are byte strings; bare folders have been replaced by their entries. */
export function planTargets(targets: readonly string[], folder: string, platform: Platform): Plan {
  const root: PlanNode = { name: '', path: '', origin: '', target: false, children: new Map() };
  for (const target of targets) addTarget(root, cleanPath(target, platform), folder, platform);
  return { root, paths: [...new Set(targets.map((target) => absolutePath(target, folder, platform)))] };
}

function addTarget(root: PlanNode, target: string, folder: string, platform: Platform): void {
  const origin = originOf(target, folder, platform);
  const volume = volumeOf(target, platform);
  const named = namedComponents(target, platform);
  let node = root;
  let path = origin;
  const chain = volume === '' ? named : [volume.slice(0, 1), ...named];
  chain.forEach((component, depth) => {
    // The volume is a component of the snapshot, but on disk it is already part of the origin.
    if (volume === '' || depth > 0) path = path.endsWith('/') ? path + component : `${path}/${component}`;
    node = childOf(node, component, path, depth === 0 ? origin : '');
  });
  node.target = true;
}

function childOf(parent: PlanNode, component: string, path: string, origin: string): PlanNode {
  for (let attempt = 0; ; attempt++) {
    const name = attempt === 0 ? component : `${component}-${attempt}`;
    const existing = parent.children.get(name);
    if (existing === undefined) {
      const created: PlanNode = { name, path, origin, target: false, children: new Map() };
      parent.children.set(name, created);
      return created;
    }
    if (existing.origin === origin && existing.path === path) return existing;
  }
}

/** The folder that holds the first named component of a clean target. */
function originOf(target: string, folder: string, platform: Platform): string {
  if (isAbsolute(target, platform)) return `${volumeOf(target, platform)}/`;
  const climbs = componentsOf(target).filter((component) => component === '..').length;
  return absolutePath('../'.repeat(climbs), folder, platform);
}

/** Names of a plan node's children in the order of a tree: by raw bytes. */
export function sortedChildren(node: PlanNode): PlanNode[] {
  return [...node.children.values()].sort((a, b) => Buffer.compare(bytesOf(a.name), bytesOf(b.name)));
}
