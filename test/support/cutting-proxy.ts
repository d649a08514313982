/** A TCP proxy on loopback that breaks connections by plan, as a bad line does. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /** For each connection to come, in order: how many bytes pass, both directions together, before it is reset. */
  cuts: number[];
  /** How many connections were reset. */
  readonly reset: () => number;
  close(): Promise<void>;
}

/** Passes connections on to a port of this machine. */
export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let reset = 0;
  const server = createServer((near) => {
    let left = proxy.cuts.shift() ?? Infinity;
    const far = connect(target, '127.0.0.1');
    const pair = [near, far] as const;
    const end = (): void => {
      for (const socket of pair) socket.destroy();
    };
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on('close', () => {
        sockets.delete(from);
        end();
      });
      from.on('error', end);
      from.on('data', (bytes: Buffer) => {
        if (left <= 0) return;
        left -= bytes.length;
        if (left > 0) {
          if (!to.write(bytes)) from.pause();
          return;
        }
        reset++;
        near.resetAndDestroy();
        far.resetAndDestroy();
      });
      to.on('drain', () => from.resume());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: CuttingProxy = {
    port: (server.address() as AddressInfo).port,
    cuts: [],
    reset: () => reset,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return proxy;
}
