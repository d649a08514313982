/** State of the window itself: which dialog is open, notices, what the screen reader is told. */
import { create } from 'zustand';

export type DialogName =
  | { readonly name: 'palette' }
  | { readonly name: 'keys' }
  | { readonly name: 'cancel'; readonly jobId: string }
  | { readonly name: 'cancel-all' }
  | BackUpDialogName;

/** Once, into a plan that is there, or into one of their own. */
export type BackUpWay = 'once' | 'plan' | 'new';

export interface BackUpDialogName {
  readonly name: 'back-up';
  /** Paths that were dropped or chosen, or none yet. */
  readonly paths: readonly string[];
  readonly way?: BackUpWay;
  /** Id of the repository or the plan that they were dropped on. */
  readonly choice?: string;
  /** Names of what was dropped where its paths stay unknown. */
  readonly withoutPaths?: readonly string[];
}

export interface Notice {
  readonly id: string;
  readonly tone: 'ok' | 'warn' | 'danger' | 'idle';
  readonly title: string;
  readonly text?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

interface ShellState {
  readonly dialog: DialogName | undefined;
  readonly notices: readonly Notice[];
  /** Of the live region; `count` tells two messages with the same words apart. */
  readonly announcement: { readonly count: number; readonly text: string };
  readonly open: (dialog: DialogName) => void;
  readonly close: () => void;
  /** Replaces a notice of the same id. */
  readonly notify: (notice: Notice) => void;
  readonly dismiss: (id: string) => void;
  readonly announce: (text: string) => void;
}

const mostNotices = 3;

export const useShell = create<ShellState>()((set) => ({
  dialog: undefined,
  notices: [],
  announcement: { count: 0, text: '' },
  open: (dialog) => set({ dialog }),
  close: () => set({ dialog: undefined }),
  notify: (notice) => set(({ notices }) => ({ notices: [...notices.filter(({ id }) => id !== notice.id), notice].slice(-mostNotices) })),
  dismiss: (id) => set(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) })),
  announce: (text) => set(({ announcement }) => ({ announcement: { count: announcement.count + 1, text } })),
}));
