/**
 * The way to the agent and back.
 *
 * Invariants: sending never throws and never waits; once the channel is closed (the agent is gone) messages are dropped.
 */
import { parentPort } from '../core/platform/parent-port.ts';
import type { ParentPort } from '../core/platform/parent-port.ts';
import type { FromWorker } from '../shared/worker-protocol.ts';

export interface Channel<Sent> {
  send(message: Sent): void;
  /** Unchecked. One listener. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the agent cannot be reached any more. */
  onClosed(listener: () => void): void;
  /** Resolves when all that was sent has left this process, or cannot any more. */
  flushed(): Promise<void>;
}

export type WorkerChannel = Channel<FromWorker>;

/** The channel that `fork` or Electron's `utilityProcess` gives; undefined in a process that was started otherwise. */
export function parentChannel<Sent>(): Channel<Sent> | undefined {
  const port = parentPort();
  if (port !== undefined) return utilityChannel(port);
  if (process.send === undefined) return undefined;
  let last: Promise<void> = Promise.resolve();
  return {
    send(message) {
      if (!process.connected) return;
      last = new Promise((resolve) => {
        // A failure means that the other end is gone, which `disconnect` tells.
        process.send?.(message, undefined, undefined, () => resolve());
      });
    },
    onMessage(listener) {
      process.on('message', listener);
    },
    onClosed(listener) {
      if (process.connected) process.once('disconnect', listener);
      else listener();
    },
    flushed: () => last,
  };
}

/** Electron ends a utility process together with the process that started it, so its channel never tells of a closing. */
function utilityChannel<Sent>(port: ParentPort): Channel<Sent> {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', ({ data }) => listener(data)),
    onClosed: () => undefined,
    // A message is in the system's pipe when `postMessage` returns; a turn of the loop lets the last of them be read.
    flushed: () => new Promise((resolve) => void setTimeout(resolve, 20)),
  };
}
