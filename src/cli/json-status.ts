/** Status lines of `--json`: the first at once, then at most four a second, so that a pipe is not flooded. */
import type { CliContext } from './context.ts';

const spacing = 250;

export class JsonStatus {
  readonly #context: CliContext;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(context: CliContext) {
    this.#context = context;
  }

  send(fields: Record<string, unknown>): void {
    const { clock, options, terminal } = this.#context;
    if (!options.json || options.quiet) return;
    const now = clock.monotonic();
    if (now - this.#sentAt < spacing) return;
    this.#sentAt = now;
    terminal.json({ message_type: 'status', ...fields });
  }
}
