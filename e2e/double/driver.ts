/** The double's end of the wire to the test, and what the parts of the double tell it by. */
import { serialize, deserialize } from 'node:v8';
import { Wire } from './wire.ts';
import type { WireHandlers } from './wire.ts';

const handlers: Record<string, (...args: never[]) => unknown> = {
  /** What came before has been taken in. */
  settle: () => new Promise((resolve) => void setImmediate(resolve)),
};

/** What the test may call. */
export function answerTest(more: WireHandlers): void {
  Object.assign(handlers, more);
}

/** A double whose test is gone has nobody to show windows to. */
process.on('disconnect', () => process.exit(0));

export const test = new Wire(
  {
    send: (message) => void (process.connected && process.send?.(message)),
    onMessage: (listener) => process.on('message', listener),
  },
  handlers,
);

/** What crosses between processes is copied; what cannot be copied is an error, as in Electron. */
export function cloned<Value>(value: Value): Value {
  return deserialize(serialize(value)) as Value;
}
