/** The host inside Electron: everything goes through the preload's bridge. */
import type { Bridge } from '../../../shared/bridge.ts';
import { createClient } from '../../../shared/contract/client.ts';
import { Failure } from '../../../shared/errors.ts';
import { ConnectionCell } from './host.ts';
import type { Host } from './host.ts';

declare global {
  interface Window {
    readonly cyberbackup?: Bridge;
  }
}

export function electronHost(bridge: Bridge): Host {
  const client = createClient(async (name, input) => {
    const answer = await bridge.call(name, input);
    if (answer.ok) return answer.value;
    const { code, path, what, safe, next } = answer.error;
    throw new Failure(code, { what, ...(safe === undefined ? {} : { safe }), ...(next === undefined ? {} : { next }) }, path === undefined ? {} : { path });
  });
  return {
    kind: 'electron',
    platform: bridge.platform,
    version: bridge.version,
    client,
    // The agent lives in the process that made this window: neither is there without the other.
    connection: new ConnectionCell('connected'),
    subscribe: (listener) => bridge.onEvent(listener),
    onCommand: (listener) => bridge.onCommand(listener),
    onNavigate: (listener) => bridge.onNavigate(listener),
    capabilities: {
      choosePaths: (kind) => bridge.choosePaths(kind),
      pathsOf: (files) => bridge.pathsOf(files),
      showInFolder: (path) => bridge.showInFolder(path),
      saveText: (suggestedName, text) => bridge.saveText(suggestedName, text),
      setTheme: (theme) => bridge.setTheme(theme),
    },
  };
}
