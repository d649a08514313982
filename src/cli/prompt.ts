/**
 * Asks for a password on the terminal without showing it.
 *
 * The bytes are collected in one buffer of fixed size and never become a string, so that they can be wiped.
 */
import { closeSync, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { Failure } from '../shared/errors.ts';
import type { Terminal } from './terminal.ts';

const longest = 4096;
const keys = { enter: 0x0d, lineFeed: 0x0a, interrupt: 0x03, end: 0x04, backspace: 0x08, rubout: 0x7f, eraseLine: 0x15, eraseWord: 0x17, escape: 0x1b } as const;

export interface PromptSource {
  readonly stream: ReadStream;
  /** Typed or pasted after the end of the last answer: the begin of the next one. */
  readonly ahead: Buffer[];
  close(): void;
}

/** The terminal to read from: standard input, or the controlling terminal where standard input is a pipe. */
export function openPromptSource(): PromptSource | undefined {
  if (process.stdin.isTTY) {
    return { stream: process.stdin as unknown as ReadStream, ahead: [], close: () => void process.stdin.pause() };
  }
  // Windows has no path that opens the console for reading keys through Node; there, standard input must be one.
  if (process.platform === 'win32') return undefined;
  let descriptor: number;
  try {
    descriptor = openSync('/dev/tty', 'r+');
  } catch (error) {
    // ENXIO, ENODEV or EACCES: this process has no controlling terminal, so nobody can be asked.
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
  try {
    const stream = new ReadStream(descriptor);
    return { stream, ahead: [], close: () => void stream.destroy() };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Asks once. Rejects with the signal's reason; Ctrl-C sends SIGINT to this process, as on any terminal. */
export async function askPassword(source: PromptSource, terminal: Terminal, question: string, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  const { stream } = source;
  const typed = Buffer.alloc(longest);
  let length = 0;
  // Echo goes off before the question appears, so that not even a fast answer is shown.
  stream.setRawMode(true);
  terminal.errorStream.write(question);
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const finish = (action: () => void): void => {
        stream.off('data', onData);
        stream.off('end', onEnd);
        signal.removeEventListener('abort', onAbort);
        action();
      };
      const onAbort = (): void => finish(() => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')));
      const onEnd = (): void => finish(() => reject(new Failure('PASSWORD_MISSING', { what: 'The terminal was closed before a password was given', next: 'Run the command again' })));
      const onData = (data: Buffer): void => {
        for (const [at, byte] of data.entries()) {
          data[at] = 0;
          if (byte === keys.enter || byte === keys.lineFeed || (byte === keys.end && length > 0)) {
            if (at + 1 < data.length) source.ahead.push(data.subarray(at + 1));
            finish(() => resolve(Buffer.from(typed.subarray(0, length))));
            return;
          }
          if (byte === keys.end) return onEnd();
          if (byte === keys.interrupt) process.kill(process.pid, 'SIGINT');
          else if (byte === keys.backspace || byte === keys.rubout) length = eraseCharacter(typed, length);
          else if (byte === keys.eraseLine || byte === keys.eraseWord) length = 0;
          else if (byte === keys.escape) return void data.fill(0, at);
          else if (length < longest) typed[length++] = byte;
        }
      };
      stream.on('data', onData);
      stream.once('end', onEnd);
      signal.addEventListener('abort', onAbort, { once: true });
      stream.resume();
      for (let early = source.ahead.shift(); early !== undefined; early = source.ahead.shift()) onData(early);
    });
  } finally {
    typed.fill(0);
    stream.setRawMode(false);
    stream.pause();
    terminal.errorStream.write('\n');
  }
}

/** Length without the last character, which may be several bytes of UTF-8. */
function eraseCharacter(typed: Buffer, length: number): number {
  let end = length;
  while (end > 0) {
    end -= 1;
    if (((typed[end] ?? 0) & 0xc0) !== 0x80) break;
  }
  return end;
}
