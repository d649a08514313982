/** Settings: repositories, network, server, appearance. */
import { Archive, Server, Sun, Wifi } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../../lib/messages/messages.ts';
import { Link } from '../../lib/router.tsx';
import { Appearance } from './appearance.tsx';
import { messages } from './messages.ts';
import { Network } from './network.tsx';
import { Repositories } from './repositories.tsx';
import { ServerPage } from './server.tsx';
import styles from './settings.module.css';

const pages = [
  { page: 'repositories', icon: Archive, content: Repositories },
  { page: 'network', icon: Wifi, content: Network },
  { page: 'server', icon: Server, content: ServerPage },
  { page: 'appearance', icon: Sun, content: Appearance },
] as const;

export function SettingsScreen({ page }: { readonly page?: string | undefined }): ReactNode {
  const t = useMessages(messages);
  const shown = pages.find((one) => one.page === page) ?? pages[0];
  const Content = shown.content;
  return (
    <>
      <div className="toolbar">
        <h1>{t.title}</h1>
      </div>
      <div className={styles['split']}>
        <nav className={styles['nav']} aria-label={t.title}>
          {pages.map(({ page: name, icon: Icon }) => (
            <Link key={name} to={{ place: 'settings', page: name }} aria-current={name === shown.page ? 'page' : undefined}>
              <Icon size={16} strokeWidth={1.75} aria-hidden />
              {t.pages[name]}
            </Link>
          ))}
        </nav>
        <div className={styles['page']}>
          <Content />
        </div>
      </div>
    </>
  );
}
