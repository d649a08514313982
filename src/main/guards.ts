/** What no page of ours ever needs is refused for all of them: navigation, windows, frames with insides of ours, permissions. */
import type { App, Session } from 'electron';
import type { Logger } from '../core/platform/logger.ts';
import { isOwnPage } from './app-scheme.ts';

export function guardContents(app: Pick<App, 'on'>, logger: Logger): void {
  const refused = (what: string, url: string): void => logger.warn({ component: 'shell', what, scheme: URL.canParse(url) ? new URL(url).protocol : 'none' }, 'refused');
  app.on('web-contents-created', (_, contents) => {
    contents.setWindowOpenHandler(({ url }) => {
      refused('a new window', url);
      return { action: 'deny' };
    });
    const stay = (event: { preventDefault(): void }, url: string): void => {
      // A reload is a navigation to itself.
      if (isOwnPage(url) && isOwnPage(contents.getURL())) return;
      event.preventDefault();
      refused('a navigation', url);
    };
    contents.on('will-navigate', (event) => stay(event, event.url));
    contents.on('will-redirect', (event) => stay(event, event.url));
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
      refused('a webview', '');
    });
  });
}

export function denyPermissions(session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>): void {
  // "Copy link" writes to the clipboard, which needs one of them; reading it stays closed.
  const harmless = new Set(['clipboard-sanitized-write']);
  session.setPermissionRequestHandler((_, permission, answer) => answer(harmless.has(permission)));
  session.setPermissionCheckHandler((_, permission) => harmless.has(permission));
  session.setDevicePermissionHandler(() => false);
}
