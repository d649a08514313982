/** Ways of bytes to and from sockets past the event loop; a part of the contract in addon.ts that not every platform has. */
import type { SendableFile } from './sendable-file.ts';
import type { SocketReceiver } from './socket-receiver.ts';

export interface SocketPaths {
  /** For a connected, non-blocking stream socket, whose descriptor is duplicated. Absent on Windows. */
  readonly createSocketReceiver?: (descriptor: number) => SocketReceiver;
  /** Opens a regular file, following a link; rejects with an errno code. Only on Linux. */
  readonly openSendableFile?: (path: string) => Promise<SendableFile>;
}
