/** `--stop-with-input`: notices that the program that started this server has ended, or wants it to end. */
import { parentPort } from '../core/platform/parent-port.ts';

/** What the desktop sends to the companion server's utility process, which has no standard input. */
export const stopMessage = 'stop';

/** Calls the listener once at most; returns what ends the watching. */
export function onStarterEnd(listener: () => void): () => void {
  const port = parentPort();
  if (port !== undefined) {
    const onMessage = ({ data }: { readonly data: unknown }): void => {
      if (data === stopMessage) listener();
    };
    port.on('message', onMessage);
    return () => port.off('message', onMessage);
  }
  process.stdin.once('close', listener).on('error', listener).resume();
  return () => process.stdin.off('close', listener).off('error', listener).destroy();
}
