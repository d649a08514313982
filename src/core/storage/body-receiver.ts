/** From a socket of Node to the addon's receiver on it. */
import type { Socket } from 'node:net';
import type { Addon } from '../native/addon.ts';
import type { SocketReceiver } from '../native/socket-receiver.ts';

/** What this needs of the native addon, which has it on some systems only. */
export type Receivers = Partial<Pick<Addon, 'createSocketReceiver'>>;

/**
 * Undefined where the addon has none for this system, where Node does not tell the system's number of the socket, and
 * where the system has no thread or descriptor left for it: then libuv can read as well, only not as cheaply.
 */
export function openReceiver(socket: Socket, { createSocketReceiver }: Receivers): SocketReceiver | undefined {
  const descriptor = descriptorOf(socket);
  if (createSocketReceiver === undefined || descriptor === undefined) return undefined;
  try {
    return createSocketReceiver(descriptor);
  } catch {
    return undefined;
  }
}

/** Node keeps it on the handle, without documenting it; on Windows it is not there. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { _handle?: { readonly fd?: unknown } | null };
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}
