/** Calls both ways between the double, which is a process of its own, and the test that drives it. */

export interface WireEnd {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

type Message = { readonly call: number; readonly name: string; readonly args: readonly unknown[] } | { readonly answer: number; readonly value?: unknown; readonly error?: string };

export type WireHandlers = Readonly<Record<string, (...args: never[]) => unknown>>;

export class Wire {
  readonly #end: WireEnd;
  readonly #handlers: WireHandlers;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #next = 1;

  constructor(end: WireEnd, handlers: WireHandlers) {
    this.#end = end;
    this.#handlers = handlers;
    end.onMessage((message) => void this.#hear(message as Message));
  }

  call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#end.send({ call: id, name, args });
    });
  }

  /** Nobody will answer any more. */
  close(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }

  async #hear(message: Message): Promise<void> {
    if ('answer' in message) {
      const waiting = this.#waiting.get(message.answer);
      this.#waiting.delete(message.answer);
      if (message.error === undefined) waiting?.resolve(message.value);
      else waiting?.reject(new Error(message.error));
      return;
    }
    try {
      const handler = this.#handlers[message.name] as ((...args: readonly unknown[]) => unknown) | undefined;
      if (handler === undefined) throw new TypeError(`Nobody handles ${message.name}`);
      this.#end.send({ answer: message.call, value: await handler(...message.args) });
    } catch (error) {
      this.#end.send({ answer: message.call, error: error instanceof Error ? error.message : String(error) });
    }
  }
}
