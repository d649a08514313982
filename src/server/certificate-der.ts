/**
 * DER, the binary form of certificates (ITU-T X.690), as far as a certificate needs it.
 *
 * Vocabulary: a *value* is one complete encoding: tag, length, content.
 */

/** One value with the given tag. */
function value(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff);
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length, ...digits]), content]);
}

export const sequence = (...values: readonly Uint8Array[]): Buffer => value(0x30, Buffer.concat(values));
export const set = (...values: readonly Uint8Array[]): Buffer => value(0x31, Buffer.concat(values));
export const octetString = (bytes: Uint8Array): Buffer => value(0x04, bytes);
export const utf8String = (text: string): Buffer => value(0x0c, Buffer.from(text, 'utf8'));
export const trueValue = Buffer.from([0x01, 0x01, 0xff]);

/** A non-negative number, big-endian. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first));
  return value(0x02, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return value(0x03, Buffer.concat([Buffer.from([unusedBits]), bytes]));
}

/** `1.2.840…` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift(0x80 | (left & 0x7f));
    bytes.push(...groups);
  }
  return value(0x06, Buffer.from(bytes));
}

/** UTCTime up to 2049, GeneralizedTime from 2050 (RFC 5280, section 4.1.2.5). */
export function time(at: Date): Buffer {
  const text = at.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return at.getUTCFullYear() < 2050 ? value(0x17, Buffer.from(`${text.slice(2)}Z`)) : value(0x18, Buffer.from(`${text}Z`));
}

/** `[number]` around other values. */
export function explicit(number: number, ...values: readonly Uint8Array[]): Buffer {
  return value(0xa0 | number, Buffer.concat(values));
}

/** `[number]` in place of a primitive's own tag. */
export function implicit(number: number, content: Uint8Array): Buffer {
  return value(0x80 | number, content);
}
