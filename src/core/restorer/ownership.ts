/**
 * Whether owners can be restored.
 */

/** Tells for a file of this owner whether the running user may set it: the superuser always, others only for files that stay theirs. Windows keeps owners in security descriptors, which are not restored. */
export function ownershipRule(): (uid: number) => boolean {
  const self = process.getuid?.();
  if (self === undefined) return () => false;
  return self === 0 ? () => true : (uid) => uid === self;
}
