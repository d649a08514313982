/** Where restored files go, as paths of this machine. */

/** The folder of a snapshot as this machine writes it: `/C/Users/anna` is `C:\Users\anna` on Windows. */
export function originalFolder(path: string, platform: string): string {
  if (platform !== 'win32') return path;
  const [drive, ...rest] = path.split('/').filter((part) => part !== '');
  return drive === undefined ? path : `${drive}:\\${rest.join('\\')}`;
}

/** The folders on the way to a path of a snapshot, from the root: name and path of each. */
export function crumbsOf(path: string): readonly { readonly name: string; readonly path: string }[] {
  const names = path.split('/').filter((name) => name !== '');
  return names.map((name, at) => ({ name, path: `/${names.slice(0, at + 1).join('/')}` }));
}

/** The deepest folder that holds all paths; the root for those of Windows, whose form a snapshot does not have. */
export function commonParent(paths: readonly string[]): string {
  const [first, ...rest] = paths.map((path) => (path.startsWith('/') ? path.split('/').filter((name) => name !== '') : []));
  if (first === undefined) return '/';
  const shared = first.slice(0, -1).findIndex((name, at) => rest.some((other) => other[at] !== name || at >= other.length - 1));
  return `/${first.slice(0, shared < 0 ? Math.max(0, first.length - 1) : shared).join('/')}`;
}
