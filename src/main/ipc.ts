/**
 * Messages of the interface: one envelope for every answer, and three checks before any of them is heard.
 *
 * Invariants: a message counts only from the top frame of a window of ours that shows our own page; its values fit the
 * channel's schema; whatever is thrown becomes an answer without a stack. What is refused is logged, without its values.
 */
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import type { Logger } from '../core/platform/logger.ts';
import type { BridgeAnswer, BridgeFailure } from '../shared/bridge.ts';
import { Failure } from '../shared/errors.ts';
import { isOwnPage } from './app-scheme.ts';
import { messages } from './messages.ts';
import type { MessageName, MessageValues } from './messages.ts';

export type MessageHandlers = { readonly [Name in MessageName]: (...values: MessageValues<Name>) => Promise<unknown> };

export interface IpcPorts {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>;
  readonly logger: Logger;
  /** Whether this is the content of a window of ours. */
  readonly isOwnWindow: (contents: IpcMainInvokeEvent['sender']) => boolean;
}

/** Returns what ends it. */
export function answerMessages(handlers: MessageHandlers, { ipcMain, logger, isOwnWindow }: IpcPorts): () => void {
  const names = Object.keys(messages) as MessageName[];
  const refuse = (channel: string, why: string, fields: Record<string, unknown>): BridgeAnswer => {
    logger.warn({ component: 'shell', channel, why, ...fields }, 'a message was refused');
    return failed({ code: 'FORBIDDEN', what: 'This message is not for this program', safe: 'Nothing was changed' });
  };
  const answer = async (name: MessageName, event: IpcMainInvokeEvent, values: readonly unknown[]): Promise<BridgeAnswer> => {
    const { senderFrame } = event;
    if (senderFrame === null || senderFrame.parent !== null || !isOwnPage(senderFrame.url) || !isOwnWindow(event.sender)) {
      return refuse(name, 'a foreign frame', { origin: senderFrame === null ? null : originOf(senderFrame.url) });
    }
    const parsed = messages[name].safeParse(values);
    if (!parsed.success) {
      logger.warn({ component: 'shell', channel: name, why: 'a wrong shape', field: parsed.error.issues[0]?.path.join('.') ?? '' }, 'a message was refused');
      return failed({ code: 'INVALID_INPUT', what: 'The message has a wrong shape', safe: 'Nothing was changed', next: 'Start the program again; if it happens again, report it' });
    }
    try {
      // Values and handler are of the same channel; TypeScript does not follow an indexed union through a call.
      const handler = handlers[name] as (...values: readonly unknown[]) => Promise<unknown>;
      return { ok: true, value: await handler(...parsed.data) };
    } catch (error) {
      return failed(bridgeFailure(error, (reason) => logger.error({ component: 'shell', channel: name, reason }, 'a message could not be answered')));
    }
  };
  for (const name of names) ipcMain.handle(name, (event, ...values: unknown[]) => answer(name, event, values));
  return () => {
    for (const name of names) ipcMain.removeHandler(name);
  };
}

function failed(error: BridgeFailure): BridgeAnswer {
  return { ok: false, error };
}

/** What a person gets to see of an error; a defect of the program goes into the log in full. */
export function bridgeFailure(error: unknown, onDefect: (reason: string) => void): BridgeFailure {
  if (error instanceof Failure && error.code !== 'INTERNAL') {
    const { code, path } = error;
    const { what, safe, next } = error.text;
    return { code, what, ...(safe === undefined ? {} : { safe }), ...(next === undefined ? {} : { next }), ...(path === undefined ? {} : { path }) };
  }
  onDefect(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return { code: 'INTERNAL', what: 'An unexpected error', next: 'The log of the program says more; please report it' };
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'none';
}
