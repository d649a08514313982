/** A TCP proxy on loopback that counts what clients send, and that can stand still, as a server does that hangs. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface HoldingProxy {
  readonly port: number;
  /** Bytes from clients so far. */
  readonly received: () => number;
  /** From now on not a byte moves in any direction. */
  hold(): void;
  /** Connections of clients that are open now. */
  readonly open: () => number;
  close(): Promise<void>;
}

/** Passes connections on to a port of this machine. */
export async function startHoldingProxy(target: number): Promise<HoldingProxy> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let received = 0;
  let held = false;
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    clients.add(near);
    near.on('close', () => clients.delete(near));
    near.on('data', (bytes: Buffer) => (received += bytes.length));
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        if (held) from.pause();
        else if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => {
        if (!held) from.resume();
      });
      from.on('error', () => from.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    hold() {
      held = true;
    },
    open: () => clients.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
