/** Health: the summary, and the connections as they are now. */
import type { ReactNode } from 'react';
import { StatusDot } from '../../components/display.tsx';
import { Segments } from '../../components/controls.tsx';
import { useConnection } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { navigate } from '../../lib/router.tsx';
import { Connections } from './connections.tsx';
import styles from './health.module.css';
import { messages } from './messages.ts';
import { Summary } from './summary.tsx';

export function HealthScreen({ page }: { readonly page?: string | undefined }): ReactNode {
  const t = useMessages(messages);
  const connected = useConnection() === 'connected';
  const shown = page === 'connections' ? 'connections' : 'summary';
  return (
    <>
      <div className="toolbar">
        <h1>{t.title}</h1>
        <Segments
          label={t.pages}
          value={shown}
          choices={[
            { value: 'summary', label: t.summary },
            { value: 'connections', label: t.connections },
          ]}
          onChange={(value) => navigate(value === 'summary' ? { place: 'health' } : { place: 'health', page: value })}
        />
        <span className="grow" />
        {connected ? (
          <span className={styles['live']}>
            <StatusDot tone="ok" />
            {t.live}
          </span>
        ) : null}
      </div>
      <div className="body pad">{shown === 'connections' ? <Connections /> : <Summary />}</div>
    </>
  );
}
