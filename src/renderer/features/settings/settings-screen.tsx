/** Settings: the plans, and everything about the application. */
import { useQuery } from '@tanstack/react-query';
import { Archive, Bell, Folder, Info, Plus, Server, Sun, Wifi } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { NameText } from '../../components/display.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { plansQuery } from '../../lib/queries.ts';
import { Link } from '../../lib/router.tsx';
import { About } from './about.tsx';
import { Alerts } from './alerts.tsx';
import { Appearance } from './appearance.tsx';
import { messages } from './messages.ts';
import { Network } from './network.tsx';
import { newPlanId, usePlanDrafts } from './plan-draft.ts';
import { PlanEditor } from './plan-editor.tsx';
import { messages as planMessages } from './plan-messages.ts';
import { Repositories } from './repositories.tsx';
import { ServerPage } from './server.tsx';
import { SettingFinder } from './setting-finder.tsx';
import styles from './settings.module.css';

const pages = [
  { page: 'repositories', icon: Archive, content: Repositories },
  { page: 'network', icon: Wifi, content: Network },
  { page: 'server', icon: Server, content: ServerPage },
  { page: 'alerts', icon: Bell, content: Alerts },
  { page: 'appearance', icon: Sun, content: Appearance },
  { page: 'about', icon: Info, content: About },
] as const;

const planPrefix = 'plan-';

export function SettingsScreen({ page }: { readonly page?: string | undefined }): ReactNode {
  const t = useMessages(messages);
  const planId = page?.startsWith(planPrefix) === true ? page.slice(planPrefix.length) : undefined;
  const shown = planId === undefined ? (pages.find((one) => one.page === page) ?? pages[0]) : undefined;
  const Content = shown?.content;
  return (
    <>
      <div className="toolbar">
        <h1>{t.title}</h1>
        <span className="grow" />
        <SettingFinder />
      </div>
      <div className={styles['split']}>
        <nav className={styles['nav']} aria-label={t.title}>
          <PlanLinks chosen={planId} />
          <h2>{t.application}</h2>
          {pages.map(({ page: name, icon }) => (
            <NavLink key={name} to={`/settings/${name}`} icon={icon} current={name === shown?.page}>
              {t.pages[name]}
            </NavLink>
          ))}
        </nav>
        {planId === undefined ? <div className={styles['page']}>{Content === undefined ? null : <Content />}</div> : <PlanEditor planId={planId} />}
      </div>
    </>
  );
}

function PlanLinks({ chosen }: { readonly chosen: string | undefined }): ReactNode {
  const t = useMessages(messages);
  const texts = useMessages(planMessages);
  const { client } = useHost();
  const plans = useQuery(plansQuery(client)).data ?? [];
  const drafts = usePlanDrafts((store) => store.drafts);
  return (
    <>
      <h2>{t.plans}</h2>
      {plans.map((plan) => (
        <NavLink key={plan.plan_id} to={`/settings/${planPrefix}${plan.plan_id}`} icon={Folder} current={plan.plan_id === chosen} mark={drafts[plan.plan_id] === undefined ? undefined : texts.unsaved}>
          <NameText>{plan.name}</NameText>
        </NavLink>
      ))}
      <NavLink to={`/settings/${planPrefix}${newPlanId}`} icon={Plus} current={chosen === newPlanId} mark={drafts[newPlanId] === undefined ? undefined : texts.unsaved}>
        {texts.newPlan}
      </NavLink>
    </>
  );
}

interface NavLinkProps {
  readonly to: string;
  readonly icon: LucideIcon;
  readonly current: boolean;
  /** What a dot behind the name says. */
  readonly mark?: string | undefined;
  readonly children: ReactNode;
}

function NavLink({ to, icon: Icon, current, mark, children }: NavLinkProps): ReactNode {
  return (
    <Link to={to} aria-current={current ? 'page' : undefined}>
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <span className="cut">{children}</span>
      {mark === undefined ? null : <i className={styles['unsaved']} role="img" aria-label={mark} title={mark} />}
    </Link>
  );
}
