/**
 * Files whose bytes the system hands to sockets itself (sendfile), on threads of the addon. A part of the contract in
 * addon.ts; only on Linux.
 */

/** A file open for reading, until it is sent or closed. */
export interface SendableFile {
  /** Bytes, when it was opened. */
  readonly size: number;
  /**
   * Sends `length` bytes (at least 1) from `offset` on to a connected socket, given by its descriptor; once a file.
   * Resolves with true when the system has taken every byte, with false when the connection ended first. Rejects where
   * the file cannot be read so far: `E_CHANGED` or an errno code; throws an errno code where it cannot begin.
   *
   * The socket does not block, and nobody else writes to it before the end. Closing it meanwhile is harmless, but does
   * not end the connection: `cancel` does.
   */
  send(socket: number, offset: number, length: number): Promise<boolean>;
  /** Bytes that the system has taken so far. */
  sent(): number;
  /** The socket takes no more until the other side reads. */
  waitsForReader(): boolean;
  /** Ends the connection, and thereby the sending; nothing before and after it. */
  cancel(): void;
  /** Of a file that was not sent; nothing after that. */
  close(): void;
}
