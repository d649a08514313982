/**
 * What the interface stands on: Electron's bridge, or an agent over HTTP and Socket.IO. Chosen once at start.
 *
 * Vocabulary: the *connection* is that to the agent; *capabilities* are what one host can do and the other cannot.
 */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { BridgeCommand } from '../../../shared/bridge.ts';
import type { Client } from '../../../shared/contract/client.ts';

/** `signed-out`: the agent answers but no longer knows this page. */
export type ConnectionState = 'connecting' | 'connected' | 'lost' | 'signed-out';

/** An event as it came, not checked yet. */
export type EventListener = (name: string, payload: unknown) => void;

/** Hands on a list of events (contract/events.ts); what is none is left out. */
export function deliverAll(list: unknown, listener: EventListener): void {
  if (!Array.isArray(list)) return;
  for (const event of list as readonly unknown[]) {
    if (Array.isArray(event) && typeof event[0] === 'string') listener(event[0], event[1]);
  }
}

export interface Capabilities {
  /** The system's own dialog; undefined where there is none, and the agent's folders are shown instead. */
  readonly choosePaths?: (kind: 'files' | 'folders' | 'folder') => Promise<readonly string[] | undefined>;
  /** Absolute paths of dropped files; undefined where a page never learns them. */
  readonly pathsOf?: (files: readonly File[]) => readonly string[];
  readonly showInFolder?: (path: string) => Promise<void>;
  /** Asks where to, or downloads. False where the person closed the dialog. */
  readonly saveText: (suggestedName: string, text: string) => Promise<boolean>;
  readonly setTheme?: (theme: 'dark' | 'light' | 'system') => Promise<void>;
  /** Starting when the person signs in to this computer. */
  readonly startAtLogin?: { readonly isSet: () => Promise<boolean>; readonly set: (wanted: boolean) => Promise<void> };
}

export interface Host {
  readonly kind: 'browser' | 'electron';
  readonly platform: 'darwin' | 'linux' | 'win32';
  /** Of the program; undefined where only the agent knows. */
  readonly version: string | undefined;
  readonly client: Client;
  readonly capabilities: Capabilities;
  /** Each of these returns the function that ends it. */
  subscribe(listener: EventListener): () => void;
  onCommand(listener: (command: BridgeCommand) => void): () => void;
  onNavigate(listener: (path: string) => void): () => void;
  readonly connection: Connection;
}

export interface Connection {
  readonly state: ConnectionState;
  listen(listener: () => void): () => void;
}

/** A connection state that its host sets. */
export class ConnectionCell implements Connection {
  #state: ConnectionState;
  readonly #listeners = new Set<() => void>();

  constructor(state: ConnectionState) {
    this.#state = state;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  set(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

export const HostContext = createContext<Host | undefined>(undefined);

export function useHost(): Host {
  const host = useContext(HostContext);
  if (host === undefined) throw new Error('No host around this component');
  return host;
}

export function useConnection(): ConnectionState {
  const { connection } = useHost();
  return useSyncExternalStore(
    (listener) => connection.listen(listener),
    () => connection.state,
  );
}
