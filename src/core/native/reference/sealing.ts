/**
 * Sealing as the specification (section 3) says it, slow and independent of the native engine: for tests only.
 */
import { createCipheriv, createHash, timingSafeEqual } from 'node:crypto';

import { poly1305 } from '@noble/ciphers/_poly1305.js';

/** 64 bytes E(32) ‖ K(16) ‖ R(16). */
export type ReferenceKeys = Buffer;

const clamp = Buffer.from('ffffff0ffcffff0ffcffff0ffcffff0f', 'hex');

function tagOf(keys: ReferenceKeys, iv: Uint8Array, ciphertext: Uint8Array): Buffer {
  const r = Buffer.from(keys.subarray(48, 64));
  for (const [i, bits] of clamp.entries()) r.writeUInt8(r.readUInt8(i) & bits, i);
  const pad = createCipheriv('aes-128-ecb', keys.subarray(32, 48), null).setAutoPadding(false);
  const s = Buffer.concat([pad.update(iv), pad.final()]);
  return Buffer.from(poly1305(ciphertext, Buffer.concat([r, s])));
}

export function referenceSeal(keys: ReferenceKeys, iv: Buffer, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-ctr', keys.subarray(0, 32), iv);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, ciphertext, tagOf(keys, iv, ciphertext)]);
}

/** Throws an Error if the tag is wrong. */
export function referenceOpen(keys: ReferenceKeys, sealed: Buffer): Buffer {
  if (sealed.length < 32) throw new Error('too short');
  const iv = sealed.subarray(0, 16);
  const ciphertext = sealed.subarray(16, -16);
  if (!timingSafeEqual(tagOf(keys, iv, ciphertext), sealed.subarray(-16))) throw new Error('wrong tag');
  const cipher = createCipheriv('aes-256-ctr', keys.subarray(0, 32), iv);
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]);
}

export function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
