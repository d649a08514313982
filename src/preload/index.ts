/**
 * What the interface gets of Electron: `window.cyberbackup`, one method a message.
 *
 * Invariants: nothing of Electron's own reaches the page, no event object either; every answer is an envelope, and what the
 * shell refuses is thrown as a plain error; whoever listens gets the function that ends it.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { bridgeChannels, versionArgument } from '../shared/bridge-channels.ts';
import type { Bridge, BridgeAnswer, BridgeCommand } from '../shared/bridge.ts';

// A sandboxed preload has of `process` these fields.
declare const process: { readonly platform: Bridge['platform']; readonly argv: readonly string[] };

function listen(channel: string, listener: (first: unknown, second: unknown) => void): () => void {
  const onMessage = (_: unknown, first: unknown, second: unknown): void => listener(first, second);
  ipcRenderer.on(channel, onMessage);
  return () => void ipcRenderer.removeListener(channel, onMessage);
}

async function ask(channel: string, ...values: readonly unknown[]): Promise<unknown> {
  const answer = (await ipcRenderer.invoke(channel, ...values)) as BridgeAnswer;
  if (answer.ok) return answer.value;
  throw new Error(answer.error.what);
}

const bridge: Bridge = {
  platform: process.platform,
  version: process.argv.find((argument) => argument.startsWith(versionArgument))?.slice(versionArgument.length) ?? '',
  call: (operation, input) => ipcRenderer.invoke(bridgeChannels.call, operation, input) as Promise<BridgeAnswer>,
  onEvent: (listener) => listen(bridgeChannels.event, (name, payload) => listener(name as string, payload)),
  onCommand: (listener) => listen(bridgeChannels.command, (command) => listener(command as BridgeCommand)),
  onNavigate: (listener) => listen(bridgeChannels.navigate, (path) => listener(path as string)),
  pathsOf: (files) => files.map((file) => webUtils.getPathForFile(file)),
  choosePaths: (kind) => ask(bridgeChannels.choosePaths, kind) as Promise<readonly string[] | undefined>,
  saveText: (suggestedName, text) => ask(bridgeChannels.saveText, suggestedName, text) as Promise<boolean>,
  showInFolder: (path) => ask(bridgeChannels.showInFolder, path) as Promise<void>,
  setTheme: (theme) => ask(bridgeChannels.setTheme, theme) as Promise<void>,
};

contextBridge.exposeInMainWorld('cyberbackup', bridge);
