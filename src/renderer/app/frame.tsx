/**
 * The frame around every screen: title bar, side bar with the live dock, the sheet, and what lies above them. The first run has
 * the window for itself: there is nothing yet to go to.
 */
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { WifiOff } from 'lucide-react';
import { classes } from '../components/class-names.ts';
import { useConnection, useHost } from '../lib/host/host.ts';
import { useFormat, useMessages } from '../lib/messages/messages.ts';
import { usePreferences } from '../lib/preferences.ts';
import { useRoute } from '../lib/router.tsx';
import { useShell } from '../lib/shell-state.ts';
import { Notices } from '../features/notices/notices.tsx';
import { DropZone } from '../features/drop/drop-zone.tsx';
import styles from './frame.module.css';
import { messages } from './messages.ts';
import { Screen } from './screens.tsx';
import { SideBar } from './side-bar.tsx';
import { TitleBar } from './title-bar.tsx';
import { useKeys } from './use-keys.ts';

const Dialogs = lazy(async () => ({ default: (await import('./dialogs.tsx')).Dialogs }));

/** Below this width the side bar is a rail. */
const railQuery = '(max-width: 1000px)';

export function Frame(): ReactNode {
  useKeys();
  const t = useMessages(messages);
  const { kind, platform } = useHost();
  const narrow = useNarrow();
  const rail = usePreferences((preferences) => preferences.sideBar) === 'rail' || narrow;
  const sheet = useRef<HTMLElement>(null);
  const dialog = useShell((shell) => shell.dialog);
  const above = (
    <>
      <Notices />
      {dialog === undefined ? null : (
        <Suspense fallback={null}>
          <Dialogs dialog={dialog} />
        </Suspense>
      )}
      <LiveRegion />
    </>
  );
  if (useRoute().place === 'first-run') {
    return (
      <main className={styles['alone']}>
        <LostBanner />
        <Screen />
        {above}
      </main>
    );
  }
  return (
    <div className={classes(styles['app'], rail && styles['rail'], kind === 'electron' && styles['overlay'], kind === 'electron' && platform === 'darwin' && styles['mac'])}>
      <button type="button" className={styles['skip']} onClick={() => sheet.current?.focus()}>
        {t.skip}
      </button>
      <TitleBar />
      <SideBar rail={rail} />
      <main ref={sheet} className={styles['sheet']} tabIndex={-1}>
        <LostBanner />
        <Screen />
      </main>
      <DropZone />
      {above}
    </div>
  );
}

/** After two seconds without the agent: a short break needs no words. */
function LostBanner(): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const connection = useConnection();
  const [lostAt, setLostAt] = useState<Date>();
  useEffect(() => {
    if (connection !== 'lost') return undefined;
    const lost = new Date();
    const timer = setTimeout(() => setLostAt(lost), 2000);
    return () => {
      clearTimeout(timer);
      setLostAt(undefined);
    };
  }, [connection]);
  if (lostAt === undefined) return null;
  return (
    <div className={styles['banner']} role="status">
      <WifiOff size={15} strokeWidth={1.75} color="var(--warn)" aria-hidden />
      {t.lost(t.agent, f.time(lostAt))}
    </div>
  );
}

function LiveRegion(): ReactNode {
  const { count, text } = useShell((shell) => shell.announcement);
  return (
    <div className="sr" aria-live="polite" data-region="jobs">
      <p key={count}>{text}</p>
    </div>
  );
}

function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(railQuery);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => matchMedia(railQuery).matches,
  );
}
