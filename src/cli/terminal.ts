/**
 * Where the program writes: standard output for results, standard error for messages and progress.
 *
 * Invariants: colours appear only on a terminal and never with `NO_COLOR` or `TERM=dumb`; everything that comes from
 * outside passes `visibleText` before it is shown on a terminal; a reader that went away (EPIPE) ends output quietly.
 */
import type { WriteStream } from 'node:tty';

type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly cyan: Paint;
}

const sequences = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], blue: [34, 39], cyan: [36, 39] } as const;

function makeStyle(colours: boolean): Style {
  const wrap = ([on, off]: readonly [number, number]) =>
    colours ? (text: string) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`) : (text: string) => text;
  return {
    bold: wrap(sequences.bold),
    dim: wrap(sequences.dim),
    red: wrap(sequences.red),
    green: wrap(sequences.green),
    yellow: wrap(sequences.yellow),
    blue: wrap(sequences.blue),
    cyan: wrap(sequences.cyan),
  };
}

export class Terminal {
  readonly #output: NodeJS.WriteStream;
  readonly #errors: NodeJS.WriteStream;
  /** Standard output is a terminal. */
  readonly interactive: boolean;
  /** Standard error is a terminal, so progress may be drawn in place. */
  readonly live: boolean;
  readonly style: Style;
  readonly errorStyle: Style;
  /** Set once the reader of standard output has gone. */
  outputClosed = false;
  #onOutputClosed: (() => void) | undefined;
  /** Lines that must give way before a message is written, and come back after it. */
  #overlay: { hide(): void; show(): void } | undefined;

  constructor(output: NodeJS.WriteStream, errors: NodeJS.WriteStream, env: NodeJS.ProcessEnv) {
    this.#output = output;
    this.#errors = errors;
    this.interactive = isTerminal(output);
    this.live = isTerminal(errors) && env['TERM'] !== 'dumb';
    const colours = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
    this.style = makeStyle(colours && this.interactive);
    this.errorStyle = makeStyle(colours && this.live);
    output.on('error', (error: NodeJS.ErrnoException) => this.#outputFailed(error));
    // Nothing can be said any more when standard error itself is gone.
    errors.on('error', () => undefined);
  }

  #outputFailed(error: NodeJS.ErrnoException): void {
    if (this.outputClosed) return;
    this.outputClosed = true;
    if (error.code !== 'EPIPE') this.message(`cyberbackup: Standard output cannot be written (${error.code ?? error.message}).`);
    this.#onOutputClosed?.();
  }

  /** Commands that only produce output stop when nobody reads it any more. */
  whenOutputCloses(action: () => void): void {
    this.#onOutputClosed = action;
    if (this.outputClosed) action();
  }

  /** Columns of the terminal; 80 where there is none. */
  get columns(): number {
    return (this.#output.columns as number | undefined) ?? (this.#errors.columns as number | undefined) ?? 80;
  }

  /** Columns of the terminal behind standard error. */
  get errorColumns(): number {
    return (this.#errors.columns as number | undefined) ?? this.columns;
  }

  get errorStream(): WriteStream {
    return this.#errors as unknown as WriteStream;
  }

  get outputStream(): NodeJS.WriteStream {
    return this.#output;
  }

  /** One line of result on standard output. */
  line(text = ''): void {
    this.write(`${text}\n`);
  }

  /** Lines, as they are, on standard output. */
  lines(texts: readonly string[]): void {
    if (texts.length > 0) this.write(`${texts.join('\n')}\n`);
  }

  write(bytes: string | Uint8Array): boolean {
    if (this.outputClosed) return true;
    if (!this.interactive || this.#overlay === undefined) return this.#output.write(bytes);
    this.#overlay.hide();
    const ready = this.#output.write(bytes);
    this.#overlay.show();
    return ready;
  }

  /** Writes and waits until the stream takes more: for output of any length in constant memory. */
  async writeSlowly(bytes: string | Uint8Array): Promise<void> {
    if (this.write(bytes) || this.outputClosed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#output.off('drain', done);
        this.#output.off('error', done);
        this.#output.off('close', done);
        resolve();
      };
      this.#output.once('drain', done);
      this.#output.once('error', done);
      this.#output.once('close', done);
    });
  }

  /** One JSON object a line on standard output. */
  json(value: unknown): void {
    this.write(`${JSON.stringify(value)}\n`);
  }

  /** One line for people on standard error; a progress display steps aside for it. */
  message(text: string): void {
    this.#overlay?.hide();
    this.#errors.write(`${text}\n`);
    this.#overlay?.show();
  }

  setOverlay(overlay: { hide(): void; show(): void } | undefined): void {
    this.#overlay = overlay;
  }

  /** Resolves when everything written so far has left the process. */
  async flush(): Promise<void> {
    await Promise.all([this.#output, this.#errors].filter((stream) => stream.writable).map(flushed));
  }
}

/** Node leaves the property out where the stream is a file or a pipe. */
function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
