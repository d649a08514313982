/**
 * Runs in the page before its own scripts, as a sandboxed preload does: with `require` for a few names, a small `process`,
 * and the context bridge, which copies whatever crosses. The function is sent to the page as text: it refers to nothing outside.
 */
export interface PreloadWorld {
  readonly origin: string;
  readonly preload: string;
  readonly argv: readonly string[];
  readonly platform: string;
}

export function preloadWorld({ origin, preload, argv, platform }: PreloadWorld): void {
  if (window.top !== window || location.origin !== origin) return;

  const strict = <Target extends object>(name: string, target: Target): Target =>
    new Proxy(target, {
      get(object, key) {
        if (typeof key === 'string' && !(key in object) && key !== 'then') throw new TypeError(`A sandboxed preload has no ${name}.${key}`);
        return Reflect.get(object, key) as unknown;
      },
    });

  type Listener = (event: object, ...values: readonly unknown[]) => void;
  const listeners = new Map<string, Set<Listener>>();
  const paths = new WeakMap<File, string>();
  const host = window as unknown as { __doubleInvoke?: (channel: string, values: readonly unknown[]) => Promise<{ readonly value?: unknown; readonly error?: string }> };

  Object.defineProperty(window, '__double', {
    enumerable: false,
    value: {
      hear: (channel: string, values: readonly unknown[]) => {
        for (const listener of new Set(listeners.get(channel))) listener(strict('event', {}), ...structuredClone(values));
      },
      remember: (file: File, path: string) => void paths.set(file, path),
      listeners: () => [...listeners.values()].reduce((sum, one) => sum + one.size, 0),
    },
  });

  /** As the context bridge: functions become functions that copy, data is copied and frozen, prototypes stay behind. */
  const across = (value: unknown): unknown => {
    if (typeof value === 'function') return (...values: readonly unknown[]) => across((value as (...values: readonly unknown[]) => unknown)(...values.map(across)));
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof File || value instanceof Blob) return value;
    if (value instanceof Promise) return value.then(across, (error: unknown) => Promise.reject(error instanceof Error ? new Error(error.message) : error));
    if (Array.isArray(value)) return Object.freeze(value.map(across));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, across(inner)])));
    return structuredClone(value);
  };

  const electron = strict('electron', {
    contextBridge: strict('contextBridge', {
      exposeInMainWorld(key: string, api: unknown) {
        Object.defineProperty(window, key, { value: across(api), enumerable: true, configurable: false, writable: false });
      },
    }),
    ipcRenderer: strict('ipcRenderer', {
      async invoke(channel: string, ...values: readonly unknown[]) {
        const answer = await host.__doubleInvoke?.(channel, structuredClone(values));
        if (answer === undefined) throw new Error('The double is gone');
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer.value;
      },
      on(channel: string, listener: Listener) {
        const known = listeners.get(channel) ?? new Set();
        listeners.set(channel, known.add(listener));
      },
      removeListener: (channel: string, listener: Listener) => void listeners.get(channel)?.delete(listener),
    }),
    webUtils: strict('webUtils', {
      getPathForFile(file: unknown) {
        if (!(file instanceof File)) throw new TypeError('getPathForFile takes a File');
        return paths.get(file) ?? '';
      },
    }),
  });
  const required = (name: string): unknown => {
    if (name === 'electron' || name === 'electron/renderer') return electron;
    throw new Error(`module not found: ${name}`);
  };
  const process = strict('process', { platform, argv, sandboxed: true, contextIsolated: true, type: 'renderer' });
  // What Electron does with a preload, too: its text becomes a function with these names.
  // oxlint-disable-next-line no-implied-eval, no-new-func, typescript/no-implied-eval
  new Function('require', 'process', 'module', 'exports', 'global', 'Buffer', preload)(required, process, undefined, {}, undefined, undefined);
}
