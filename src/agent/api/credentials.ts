/**
 * What a request may prove itself with.
 *
 * Vocabulary: the *token* is in a file and lasts; a *session* is a browser's own token, which ends with the agent or when it
 * was not used for long; a *login code* starts a session, once, within a minute. See docs/decisions for why.
 *
 * Invariants: only digests are kept and compared, in constant time for the token; nothing here is ever logged.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/platform/clock.ts';

const loginCodeMs = 60_000;
const sessionIdleMs = 24 * 60 * 60 * 1000;
const mostLoginCodes = 16;
const mostSessions = 64;

export class Credentials {
  readonly #clock: Clock;
  readonly #token: Buffer;
  /** Digest to the time at which it ends, in order of making. */
  readonly #loginCodes = new Map<string, number>();
  /** Digest to the time at which it ends, in order of last use. */
  readonly #sessions = new Map<string, number>();

  constructor(token: string, clock: Clock) {
    this.#token = digest(token);
    this.#clock = clock;
  }

  /** Whether a token or a session's token was given. */
  admits(given: string | undefined): boolean {
    if (given === undefined) return false;
    const presented = digest(given);
    return timingSafeEqual(presented, this.#token) || this.#isSession(presented.toString('hex'));
  }

  /** A code that starts one session within a minute. */
  makeLoginCode(): string {
    return this.#make(this.#loginCodes, mostLoginCodes, loginCodeMs);
  }

  /** The token of a new session; undefined for a code that is unknown, used or too old. */
  startSession(code: string | undefined): string | undefined {
    if (code === undefined) return undefined;
    const key = digest(code).toString('hex');
    const end = this.#loginCodes.get(key);
    this.#loginCodes.delete(key);
    if (end === undefined || this.#clock.monotonic() >= end) return undefined;
    return this.#make(this.#sessions, mostSessions, sessionIdleMs);
  }

  #isSession(key: string): boolean {
    const end = this.#sessions.get(key);
    this.#sessions.delete(key);
    if (end === undefined || this.#clock.monotonic() >= end) return false;
    this.#sessions.set(key, this.#clock.monotonic() + sessionIdleMs);
    return true;
  }

  /** The oldest gives way where there are too many. */
  #make(secrets: Map<string, number>, most: number, lifetimeMs: number): string {
    for (const oldest of [...secrets.keys()].slice(0, Math.max(0, secrets.size - most + 1))) secrets.delete(oldest);
    const secret = randomBytes(32).toString('base64url');
    secrets.set(digest(secret).toString('hex'), this.#clock.monotonic() + lifetimeMs);
    return secret;
  }
}

/** The word after `Bearer`. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '')?.[1];
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
