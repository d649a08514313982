/** What stands in the window: the frame, or why there is nothing to show. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { useConnection } from '../lib/host/host.ts';
import { useLanguage, useMessages } from '../lib/messages/messages.ts';
import { themeInUse, usePreferences } from '../lib/preferences.ts';
import { useHost } from '../lib/host/host.ts';
import { Frame } from './frame.tsx';
import frame from './frame.module.css';
import { messages } from './messages.ts';
import { useAgentEvents } from './use-agent-events.ts';

export function App(): ReactNode {
  useAppearance();
  useAgentEvents();
  useFreshAfterReconnect();
  const connection = useConnection();
  const known = useQueryClient().getQueryCache().getAll().length > 0;
  if (connection === 'signed-out') return <SignedOut />;
  if (!known && connection === 'lost') return <Unreachable />;
  return <Frame />;
}

function SignedOut(): ReactNode {
  const t = useMessages(messages);
  return (
    <main className={frame['whole']}>
      <div>
        <h1>{t.signedOut}</h1>
        <p className="t2">{t.signedOutText}</p>
        <p>{t.signInAgain}</p>
        <code className="mono">cyberbackup agent --open</code>
      </div>
    </main>
  );
}

function Unreachable(): ReactNode {
  const t = useMessages(messages);
  return (
    <main className={frame['whole']}>
      <div>
        <h1>{t.unreachable}</h1>
        <p className="t2">{t.unreachableText}</p>
        <code className="mono">cyberbackup agent --open</code>
      </div>
    </main>
  );
}

/** Theme, density, motion, contrast and language on the root element, which the first paint has set already. */
function useAppearance(): void {
  const { theme, density, motion, contrast } = usePreferences();
  const language = useLanguage();
  const { setTheme } = useHost().capabilities;
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = (): void => {
      document.documentElement.dataset['theme'] = themeInUse(theme, dark.matches);
    };
    apply();
    void setTheme?.(theme);
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, [theme, setTheme]);
  useEffect(() => {
    Object.assign(document.documentElement.dataset, { density, motion, contrast });
  }, [density, motion, contrast]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
}

/** Events were missed while the connection was lost: everything is read again. */
function useFreshAfterReconnect(): void {
  const connection = useConnection();
  const cache = useQueryClient();
  useEffect(() => {
    if (connection === 'connected') void cache.invalidateQueries();
  }, [connection, cache]);
}
