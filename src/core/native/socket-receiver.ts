/** Receiving what is large from a connection without the event loop: part of the contract in addon.ts. */

/** Receives on one connection, on a thread of its own, which asks to be woken only for much. */
export interface SocketReceiver {
  /** Fills `target`; one at a time, while nobody else reads from the socket. `E_ENDED` the other end sends no more · `E_CANCELLED` · an errno name. */
  receive(target: Uint8Array): Promise<void>;
  /** Bytes that the current or last `receive` has so far. */
  received(): number;
  /** Ends the connection for reading. Once it returned, no memory is written to any more; what runs rejects with `E_CANCELLED`. */
  close(): void;
}
