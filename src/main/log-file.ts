/** The log of the desktop: a file in the home folder, with the one before it, since a program with a window has no terminal. */
import { mkdirSync, renameSync, statSync, createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { LogTarget } from '../telemetry/log.ts';

/** Bytes. */
const largest = 8 * 1024 * 1024;

export class LogFile implements LogTarget {
  readonly #path: string;
  #stream: WriteStream;
  #size: number;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#size = sizeOf(path);
    this.#stream = this.#open();
  }

  write(line: string): void {
    this.#size += line.length;
    if (this.#size > largest) this.#turn();
    this.#stream.write(line);
  }

  close(): Promise<void> {
    return new Promise((resolve) => void this.#stream.end(() => resolve()));
  }

  #turn(): void {
    this.#stream.end();
    renameSync(this.#path, `${this.#path}.1`);
    this.#size = 0;
    this.#stream = this.#open();
  }

  #open(): WriteStream {
    const stream = createWriteStream(this.#path, { flags: 'a', mode: 0o600 });
    // A full disk must cost lines of the log and nothing else.
    stream.on('error', () => undefined);
    return stream;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
