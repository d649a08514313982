/**
 * When and from where each user of the users' file was seen last, kept over restarts in a file of the server's own.
 *
 * Invariants: the file is written at most once a minute and when the server stops, with mode 0600; a file that cannot be
 * read or written costs only this knowledge.
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import { replaceFiles } from '../core/platform/replace-files.ts';
import { computerDays, sightingOf, sightingsFile } from '../shared/server-users.ts';
import type { ServerUserUse, Sightings } from '../shared/server-users.ts';

const writeEveryMs = 60_000;
/** Of one user; an address more pushes out the one that was seen longest ago. */
const mostAddresses = 64;

export class UserSightings {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #seen: Map<string, Map<string, number>>;
  #changed = false;
  #writtenAt: number;

  private constructor(path: string, seen: Sightings, clock: Clock, logger: Logger) {
    this.#path = path;
    this.#clock = clock;
    this.#logger = logger;
    this.#seen = new Map(Object.entries(seen).map(([name, addresses]) => [name, new Map(Object.entries(addresses))]));
    this.#writtenAt = clock.monotonic();
  }

  static async open(path: string, clock: Clock, logger: Logger): Promise<UserSightings> {
    return new UserSightings(path, await readSightings(path, logger), clock, logger);
  }

  note(name: string, address: string): void {
    const addresses = this.#seen.get(name) ?? new Map<string, number>();
    this.#seen.set(name, addresses);
    addresses.delete(address);
    addresses.set(address, this.#clock.now());
    const [oldest] = addresses.keys();
    if (addresses.size > mostAddresses && oldest !== undefined) addresses.delete(oldest);
    this.#changed = true;
    if (this.#clock.monotonic() - this.#writtenAt >= writeEveryMs) this.write();
  }

  of(name: string): Pick<ServerUserUse, 'last_seen_at' | 'computers'> {
    return sightingOf({ [name]: Object.fromEntries(this.#seen.get(name) ?? []) }, name, this.#clock.now());
  }

  /** Where something changed. */
  write(): void {
    if (!this.#changed) return;
    this.#writtenAt = this.#clock.monotonic();
    this.#changed = false;
    const forgotten = this.#clock.now() - computerDays * 24 * 60 * 60 * 1000;
    const seen: Record<string, Record<string, number>> = {};
    for (const [name, addresses] of this.#seen) {
      const latest = Math.max(...addresses.values());
      seen[name] = Object.fromEntries([...addresses].filter(([, time]) => time >= forgotten || time === latest));
    }
    try {
      replaceFiles([this.#path], `${JSON.stringify({ version: 1, seen })}\n`);
    } catch (error) {
      this.#logger.warn({ file: this.#path, reason: String(error) }, 'when users were seen could not be kept');
    }
  }
}

async function readSightings(path: string, logger: Logger): Promise<Sightings> {
  try {
    return sightingsFile.parse(JSON.parse(await readFile(path, 'utf8'))).seen;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) logger.warn({ file: path, reason: error instanceof Error ? error.message : String(error) }, 'when users were seen is not known any more');
    return {};
  }
}
