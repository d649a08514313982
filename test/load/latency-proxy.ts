/** A TCP proxy on loopback that delivers everything later, as a long line does; bandwidth and order stay. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface LatencyProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** Bytes under way in one direction before the sender has to wait: what a line of this length holds. */
const underWay = 4 * 1024 * 1024;

/** `delay`: milliseconds in each direction. */
export async function startLatencyProxy(target: number, delay: number): Promise<LatencyProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      delayed(from, to, delay);
      from.on('close', () => {
        sockets.delete(from);
        to.destroySoon();
      });
      // The other end is told by the close that follows.
      from.on('error', () => to.destroySoon());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function delayed(from: Socket, to: Socket, delay: number): void {
  let waiting = 0;
  const later = (act: () => void): void => void setTimeout(act, delay);
  from.on('data', (bytes: Buffer) => {
    waiting += bytes.length;
    if (waiting > underWay) from.pause();
    later(() => {
      waiting -= bytes.length;
      if (!to.destroyed) to.write(bytes);
      if (waiting <= underWay) from.resume();
    });
  });
  from.on('end', () => later(() => to.end()));
}
