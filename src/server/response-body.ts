/** Bodies of answers that are sent bit by bit. Waiting ends with the connection. */
import type { ServerResponse } from 'node:http';
import type { Exchange } from './exchange.ts';

/** Resolves with true when the answers to earlier requests on the connection are out, with false when it ends first. */
export function turnOf({ request, response }: Exchange): Promise<boolean> {
  const { socket } = request;
  if (response.socket !== null || socket.destroyed) return Promise.resolve(!socket.destroyed);
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('socket', settle);
      socket.off('close', settle);
      resolve(!socket.destroyed);
    };
    response.once('socket', settle);
    socket.once('close', settle);
  });
}

/** Writes one piece and waits until the operating system has taken it, and the head before it; false when the client left. */
export function write(response: ServerResponse, piece: Buffer | ''): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onClose = (): void => resolve(false);
    response.once('close', onClose);
    response.write(piece, 'latin1', (error) => {
      response.off('close', onClose);
      resolve(error === null || error === undefined);
    });
  });
}

/** Ends the answer; true when everything is sent, false when the connection ends first. */
export async function finish(response: ServerResponse): Promise<boolean> {
  if (response.destroyed) return false;
  response.end();
  return response.writableFinished || finished(response);
}

/** Ends the connection for an object that cannot be sent to its end; an error before the answer began is the caller's. */
export function breakOff(exchange: Exchange, error: unknown): false {
  const { response } = exchange;
  if (!response.headersSent) throw error;
  exchange.log('error', { reason: String(error) }, 'an object could not be read to its end: connection closed');
  response.destroy();
  return false;
}

function finished(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    response.once('finish', () => resolve(true));
    response.once('close', () => resolve(response.writableFinished));
  });
}
