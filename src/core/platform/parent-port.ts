/** The way of an Electron utility process to the program that started it, which ends it together with itself. */

export interface ParentPort {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): unknown;
  off(event: 'message', listener: (message: { readonly data: unknown }) => void): unknown;
  postMessage(message: unknown): void;
}

/** Undefined in every process that is no utility process. */
export function parentPort(): ParentPort | undefined {
  return (process as { readonly parentPort?: ParentPort }).parentPort;
}
