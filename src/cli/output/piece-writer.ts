/** Output of many short lines, collected: a write to the system for each would cost more than what is written. A person sees each at once. */
import type { CliContext } from '../context.ts';

const pieceSize = 64 * 1024;

/** Holds one piece; writes it as the reader takes it. `flush` ends the output. */
export class PieceWriter {
  readonly #context: CliContext;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(context: CliContext) {
    this.#context = context;
  }

  async write(...pieces: readonly (string | Buffer)[]): Promise<void> {
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      this.#pieces.push(bytes);
      this.#length += bytes.length;
    }
    if (this.#length >= pieceSize || this.#context.terminal.interactive) await this.flush();
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    if (bytes.length > 0) await this.#context.terminal.writeSlowly(bytes);
  }
}
