/**
 * The `Range` header (specification of the REST protocol, section 4).
 *
 * One range is answered exactly; several in one header are answered with the whole object, as RFC 9110 allows, since no
 * restic client asks for them.
 */
export type RequestedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly offset: number; readonly length: number }
  | { readonly kind: 'unsatisfiable' };

const digits = /^\d+$/;

/** What the header asks for of an object of `size` bytes. */
export function parseRange(header: string | undefined, size: number): RequestedRange {
  if (header === undefined || size === 0) return { kind: 'whole' };
  const match = /^bytes=(.*)$/i.exec(header.trim());
  if (match === null) return { kind: 'unsatisfiable' };
  const list = match[1] ?? '';
  if (list.includes(',')) return { kind: 'whole' };
  const dash = list.indexOf('-');
  if (dash === -1) return { kind: 'unsatisfiable' };
  const first = list.slice(0, dash).trim();
  const last = list.slice(dash + 1).trim();

  if (first === '') {
    if (!digits.test(last) || Number(last) === 0) return { kind: 'unsatisfiable' };
    const length = Math.min(Number(last), size);
    return { kind: 'part', offset: size - length, length };
  }
  if (!digits.test(first) || (last !== '' && !digits.test(last))) return { kind: 'unsatisfiable' };
  const offset = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (offset >= size || (last !== '' && Number(last) < offset)) return { kind: 'unsatisfiable' };
  return { kind: 'part', offset, length: end - offset + 1 };
}
