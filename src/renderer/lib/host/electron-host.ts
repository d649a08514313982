/** The host inside Electron: everything goes through the preload's bridge. */
import type { Bridge, BridgeAnswer } from '../../../shared/bridge.ts';
import { createClient } from '../../../shared/contract/client.ts';
import { Failure } from '../../../shared/errors.ts';
import { ConnectionCell, deliverAll } from './host.ts';
import type { Host } from './host.ts';

declare global {
  interface Window {
    readonly cyberbackup?: Bridge;
  }
}

export function electronHost(bridge: Bridge): Host {
  const client = createClient(async (name, input) => opened(await bridge.call(name, input)));
  return {
    kind: 'electron',
    platform: bridge.platform,
    version: bridge.version,
    client,
    // The agent lives in the process that made this window: neither is there without the other.
    connection: new ConnectionCell('connected'),
    subscribe: (listener) => bridge.onEvents((list) => deliverAll(list, listener)),
    onCommand: (listener) => bridge.onCommand(listener),
    onNavigate: (listener) => bridge.onNavigate(listener),
    capabilities: {
      choosePaths: async (kind) => opened(await bridge.choosePaths(kind)),
      pathsOf: (files) => bridge.pathsOf(files),
      showInFolder: async (path) => void opened(await bridge.showInFolder(path)),
      saveText: async (suggestedName, text) => opened(await bridge.saveText(suggestedName, text)),
      setTheme: async (theme) => void opened(await bridge.setTheme(theme)),
      startAtLogin: { isSet: async () => opened(await bridge.startsAtLogin()), set: async (wanted) => void opened(await bridge.setStartAtLogin(wanted)) },
    },
  };
}

/** The value of an answer; its error as the `Failure` that it was on the other side. */
function opened<Value>(answer: BridgeAnswer<Value>): Value {
  if (answer.ok) return answer.value;
  const { code, path, what, safe, next } = answer.error;
  throw new Failure(code, { what, ...(safe === undefined ? {} : { safe }), ...(next === undefined ? {} : { next }) }, path === undefined ? {} : { path });
}
