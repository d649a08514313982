/**
 * What the interface gets of Electron: `window.cyberbackup`, one method a message.
 *
 * Invariants: nothing of Electron's own reaches the page, no event object either; every answer is an envelope; whoever listens
 * gets the function that ends it.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { bridgeChannels, versionArgument } from '../shared/bridge-channels.ts';
import type { Bridge, BridgeAnswer, BridgeCommand } from '../shared/bridge.ts';

// A sandboxed preload has of `process` these fields.
declare const process: { readonly platform: Bridge['platform']; readonly argv: readonly string[] };

function listen(channel: string, listener: (value: unknown) => void): () => void {
  const onMessage = (_: unknown, value: unknown): void => listener(value);
  ipcRenderer.on(channel, onMessage);
  return () => void ipcRenderer.removeListener(channel, onMessage);
}

/**
 * The same for what waits for no answer: a menu can be used as soon as the page was loaded, before the interface listens. What
 * came until then is kept for the first who does.
 */
function listenFromStart(channel: string): (listener: (value: unknown) => void) => () => void {
  const kept: unknown[] = [];
  let stopKeeping: (() => void) | undefined = listen(channel, (value) => void kept.push(value));
  return (listener) => {
    stopKeeping?.();
    stopKeeping = undefined;
    for (const value of kept.splice(0)) listener(value);
    return listen(channel, listener);
  };
}

const listenToCommands = listenFromStart(bridgeChannels.command);
const listenToNavigation = listenFromStart(bridgeChannels.navigate);

const ask = <Value>(channel: string, ...values: readonly unknown[]): Promise<BridgeAnswer<Value>> => ipcRenderer.invoke(channel, ...values) as Promise<BridgeAnswer<Value>>;

const bridge: Bridge = {
  platform: process.platform,
  version: process.argv.find((argument) => argument.startsWith(versionArgument))?.slice(versionArgument.length) ?? '',
  call: (operation, input) => ask(bridgeChannels.call, operation, input),
  onEvents: (listener) => listen(bridgeChannels.events, listener),
  onCommand: (listener) => listenToCommands((command) => listener(command as BridgeCommand)),
  onNavigate: (listener) => listenToNavigation((path) => listener(path as string)),
  pathsOf: (files) => files.map((file) => webUtils.getPathForFile(file)),
  choosePaths: (kind) => ask(bridgeChannels.choosePaths, kind),
  saveText: (suggestedName, text) => ask(bridgeChannels.saveText, suggestedName, text),
  showInFolder: (path) => ask(bridgeChannels.showInFolder, path),
  setTheme: (theme) => ask(bridgeChannels.setTheme, theme),
  startsAtLogin: () => ask(bridgeChannels.startsAtLogin),
  setStartAtLogin: (wanted) => ask(bridgeChannels.setStartAtLogin, wanted),
};

contextBridge.exposeInMainWorld('cyberbackup', bridge);
