/** Inside a utility process of the double: the channel is `process.parentPort`, and the process ends with its parent. */
const send = process.send?.bind(process);
const listeners = new Set<(message: { readonly data: unknown }) => void>();

process.on('message', (data) => {
  for (const listener of listeners) listener({ data });
});
process.on('disconnect', () => process.exit(0));

Object.assign(process, {
  send: undefined,
  parentPort: {
    on: (_: 'message', listener: (message: { readonly data: unknown }) => void) => void listeners.add(listener),
    off: (_: 'message', listener: (message: { readonly data: unknown }) => void) => void listeners.delete(listener),
    postMessage: (message: unknown) => void send?.(message),
  },
});
