/**
 * What the preload gives the interface in Electron, as `window.cyberbackup`: one method a message. In a browser there is none,
 * and the interface speaks HTTP and Socket.IO with the agent instead.
 *
 * Invariants: everything that crosses is plain data; the interface never holds a token or a password of the agent's.
 */
import type { FailureCode } from './errors.ts';

export interface BridgeFailure {
  readonly code: FailureCode;
  readonly what: string;
  readonly safe?: string;
  readonly next?: string;
  readonly path?: string;
}

/** An operation's answer. Errors are data, since only the message of one that is thrown would cross. */
export type BridgeAnswer<Value = unknown> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: BridgeFailure };

/** Commands of menus, the tray and the system for the interface. */
export type BridgeCommand = 'back-up-now' | 'choose-files' | 'pause-all' | 'resume-all' | 'cancel-all' | 'open-palette' | 'show-keys';

export interface Bridge {
  readonly platform: 'darwin' | 'linux' | 'win32';
  readonly version: string;
  call(operation: string, input: unknown): Promise<BridgeAnswer>;
  /** Lists of events, as contract/events.ts gathers them. This and the next two return the function that ends it. */
  onEvents(listener: (list: unknown) => void): () => void;
  onCommand(listener: (command: BridgeCommand) => void): () => void;
  /** A deep link (`cyberbackup://job/ID`) or notification, as a path of the interface: `/jobs/ID`. */
  onNavigate(listener: (path: string) => void): () => void;
  /** Absolute paths of dropped files, in their order; empty for one that is no file of this machine. */
  pathsOf(files: readonly File[]): readonly string[];
  /** The system's own dialog; undefined where the person closed it. */
  choosePaths(kind: 'files' | 'folders' | 'folder'): Promise<BridgeAnswer<readonly string[] | undefined>>;
  saveText(suggestedName: string, text: string): Promise<BridgeAnswer<boolean>>;
  showInFolder(path: string): Promise<BridgeAnswer>;
  /** So that the title bar's own buttons follow. */
  setTheme(theme: 'dark' | 'light' | 'system'): Promise<BridgeAnswer>;
  /** Whether the program starts in the tray when the person signs in to this computer. */
  startsAtLogin(): Promise<BridgeAnswer<boolean>>;
  setStartAtLogin(wanted: boolean): Promise<BridgeAnswer>;
}
