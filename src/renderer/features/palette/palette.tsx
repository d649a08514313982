/** The command palette: every command, every active job, every place, by name. */
import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { Activity, Archive, Clock, FolderPlus, History, Keyboard, LayoutDashboard, ListChecks, Monitor, Moon, Play, Search, Server, SlidersHorizontal, Sun, Upload, Wifi, X } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { createContext, useContext, useState } from 'react';
import type { ReactNode } from 'react';
import { PaletteDialog } from '../../components/dialog.tsx';
import { KeyCap } from '../../components/display.tsx';
import { Pause } from '../../components/pause-icon.ts';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { keyText } from '../../lib/keys.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { usePreferences } from '../../lib/preferences.ts';
import { activeJobsQuery, plansQuery } from '../../lib/queries.ts';
import { navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { kindIcons } from '../jobs/job-look.ts';
import { pauseEnd, useJobActions } from '../jobs/use-job-actions.ts';
import { useJobNames } from '../jobs/use-job-names.ts';
import { messages } from './messages.ts';
import styles from './palette.module.css';

/** More jobs than a person looks through; the list of jobs has them all. */
const mostJobs = 50;

/** What was typed: its letters are marked in what they found. */
const Typed = createContext('');

export function Palette(): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const { client } = useHost();
  const close = useShell((shell) => shell.close);
  const open = useShell((shell) => shell.open);
  const setPreferences = usePreferences((preferences) => preferences.set);
  const actions = useJobActions();
  const { nameOf, kindOf } = useJobNames();
  const plans = useQuery(plansQuery(client)).data ?? [];
  const active = useQuery(activeJobsQuery(client)).data ?? [];
  const go = (path: string) => (): void => navigate(path);
  const [typed, setTyped] = useState('');
  const named = active.slice(0, mostJobs).map((job) => ({ job, name: nameOf(job) }));
  const counts = t.counts(active.filter((job) => job.state === 'running').length, active.filter((job) => job.state !== 'running').length);
  return (
    <PaletteDialog onClose={close} label={t.title}>
      <Typed value={typed}>
        <Command label={t.title} loop className={styles['frame'] ?? ''}>
          <div className={styles['field']}>
            <Search size={16} strokeWidth={1.75} aria-hidden />
            <Command.Input value={typed} onValueChange={setTyped} placeholder={t.placeholder} aria-label={t.placeholder} />
            <KeyCap>Esc</KeyCap>
          </div>
          <Command.List className={styles['list'] ?? ''} label={t.title}>
            <Command.Empty className={styles['none'] ?? ''}>{t.none}</Command.Empty>
            <Command.Group heading={t.commands}>
              <Item icon={FolderPlus} keys="Mod O" onRun={() => open({ name: 'back-up', paths: [] })} stays>
                {t.backUpFiles}
              </Item>
              {plans.length > 0 ? (
                <Item icon={Upload} keys="Mod Shift B" detail={t.everyPlan} onRun={() => plans.filter((plan) => plan.enabled).forEach((plan) => actions.runPlan(plan.plan_id))}>
                  {t.backUpNow}
                </Item>
              ) : null}
              {plans.map((plan) => (
                <Item key={plan.plan_id} icon={Upload} id={plan.plan_id} onRun={() => actions.runPlan(plan.plan_id)}>
                  {t.runPlan(plan.name)}
                </Item>
              ))}
              {active.some((job) => job.state !== 'paused') ? (
                <>
                  <Item icon={Pause} keys="Mod Shift P" detail={counts} onRun={() => actions.pauseAll()}>
                    {t.pauseAll}
                  </Item>
                  <Item icon={Clock} onRun={() => actions.pauseAll(pauseEnd('hour', new Date()))}>
                    {t.pauseHour}
                  </Item>
                  <Item icon={Clock} onRun={() => actions.pauseAll(pauseEnd('tomorrow', new Date()))}>
                    {t.pauseTomorrow}
                  </Item>
                </>
              ) : null}
              <Item icon={Play} onRun={() => actions.resumeAll()}>
                {t.resumeAll}
              </Item>
              {active.length > 0 ? (
                <Item icon={X} keys="Mod Shift X" onRun={() => open({ name: 'cancel-all' })} stays>
                  {t.cancelAll}
                </Item>
              ) : null}
            </Command.Group>
            {active.length > 0 ? (
              <Command.Group heading={t.jobs}>
                {named.map(({ job, name }) => (
                  <Item key={job.job_id} id={job.job_id} icon={kindIcons[job.kind]} detail={`${kindOf(job)}${job.progress > 0 ? `, ${f.percent(job.progress)}` : ''}`} onRun={go(`/jobs/${job.job_id}`)}>
                    {name}
                  </Item>
                ))}
                {typed === ''
                  ? null
                  : named.map(({ job, name }) => (
                      <Item key={`act-${job.job_id}`} id={`act-${job.job_id}`} icon={job.state === 'paused' ? Play : Pause} onRun={() => (job.state === 'paused' ? actions.resume(job) : actions.pause(job))}>
                        {job.state === 'paused' ? t.resumeJob(name) : t.pauseJob(name)}
                      </Item>
                    ))}
              </Command.Group>
            ) : null}
            <Command.Group heading={t.places}>
              <Item icon={LayoutDashboard} keys="Mod 1" onRun={go('/')}>
                {t.overview}
              </Item>
              <Item icon={ListChecks} keys="Mod 2" onRun={go('/jobs')}>
                {t.goJobs}
              </Item>
              <Item icon={History} keys="Mod 3" onRun={go('/restore')}>
                {t.restore}
              </Item>
              <Item icon={Activity} keys="Mod 4" onRun={go('/health')}>
                {t.health}
              </Item>
              <Item icon={SlidersHorizontal} keys="Mod 5" onRun={go('/settings')}>
                {t.settings}
              </Item>
              <Item icon={Archive} detail={t.settings} onRun={go('/settings/repositories')}>
                {t.repositories}
              </Item>
              <Item icon={Wifi} detail={t.settings} onRun={go('/settings/network')}>
                {t.network}
              </Item>
              <Item icon={Server} detail={t.settings} onRun={go('/settings/server')}>
                {t.server}
              </Item>
              <Item icon={Moon} onRun={() => setPreferences({ theme: 'dark' })}>
                {t.dark}
              </Item>
              <Item icon={Sun} onRun={() => setPreferences({ theme: 'light' })}>
                {t.light}
              </Item>
              <Item icon={Monitor} onRun={() => setPreferences({ theme: 'system' })}>
                {t.system}
              </Item>
              <Item icon={Keyboard} keys="?" onRun={() => open({ name: 'keys' })} stays>
                {t.allKeys}
              </Item>
            </Command.Group>
          </Command.List>
          <div className={styles['foot']} aria-hidden>
            <span>
              <KeyCap>↑</KeyCap> <KeyCap>↓</KeyCap> {t.move}
            </span>
            <span>
              <KeyCap>↵</KeyCap> {t.run}
            </span>
            <span className={styles['more']}>
              <KeyCap>?</KeyCap> {t.allKeys}
            </span>
          </div>
        </Command>
      </Typed>
    </PaletteDialog>
  );
}

interface ItemProps {
  readonly icon: LucideIcon;
  readonly children: string;
  readonly detail?: string;
  readonly keys?: string;
  /** Where two may have the same name. */
  readonly id?: string;
  readonly onRun: () => void;
  /** Whether another dialog opens in the place of this one. */
  readonly stays?: boolean;
}

function Item({ icon: Icon, children, detail, keys, id, onRun, stays = false }: ItemProps): ReactNode {
  const { platform } = useHost();
  const close = useShell((shell) => shell.close);
  return (
    <Command.Item
      className={styles['item'] ?? ''}
      value={id === undefined ? children : `${children} ${id}`}
      keywords={detail === undefined ? [] : [detail]}
      onSelect={() => {
        if (!stays) close();
        onRun();
      }}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <span className="cut">
        <Marked text={children} />
      </span>
      {detail === undefined ? null : <em className="cut">{detail}</em>}
      {keys === undefined ? null : (
        <span className={styles['keys']}>
          {keyText(keys, platform)
            .split(' ')
            .map((key) => (
              <KeyCap key={key}>{key}</KeyCap>
            ))}
        </span>
      )}
    </Command.Item>
  );
}

/** The name, with the letters that were typed marked where they stand in a row. */
function Marked({ text }: { readonly text: string }): ReactNode {
  const typed = useContext(Typed).trim();
  const shown = visibleText(text);
  const at = typed === '' ? -1 : shown.toLocaleLowerCase().indexOf(typed.toLocaleLowerCase());
  if (at === -1) return <bdi className={styles['name']}>{shown}</bdi>;
  return (
    <bdi className={styles['name']}>
      {shown.slice(0, at)}
      <mark>{shown.slice(at, at + typed.length)}</mark>
      {shown.slice(at + typed.length)}
    </bdi>
  );
}
