/**
 * How a server shows that it is the one with this data folder and this administrator's token, without either side sending
 * the token: whoever asks gives a challenge, and compares the answer with its own.
 *
 * So that nobody who listens on the port first, such as another user of this machine, is handed the token.
 */
import { createHash, createHmac } from 'node:crypto';

/** What a challenge looks like: long enough to be new each time, nothing that means anything in a URL. */
export const challengePattern = /^[0-9A-Za-z_-]{22,128}$/;

/** 64 hex digits. `dataFolder`: its real path. */
export function serverProof(tokenDigest: Buffer, challenge: string, dataFolder: string): string {
  return createHmac('sha256', tokenDigest).update(`cyberbackup server\n${challenge}\n${dataFolder}`).digest('hex');
}

/** The key of the proof; in memory the token itself is not needed. */
export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
