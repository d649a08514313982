/**
 * The whole window takes files and folders, with three targets. Electron learns their paths; a browser never does, and the
 * dialog that follows asks for them.
 *
 * How many things hover is known before they are dropped, what they are only afterwards: so the count of files, and whatever is
 * wrong with one of them, stands in the dialog.
 */
import { CalendarPlus, Files, FolderPlus, Upload } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { classes } from '../../components/class-names.ts';
import { KeyCap, NameText } from '../../components/display.tsx';
import { useHost } from '../../lib/host/host.ts';
import { keyText } from '../../lib/keys.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { plansQuery, repositoriesQuery } from '../../lib/queries.ts';
import { useShell } from '../../lib/shell-state.ts';
import type { BackUpWay } from '../../lib/shell-state.ts';
import styles from './drop.module.css';
import { messages } from './messages.ts';

/** What hovers: how many things, and over which target and choice in it. */
interface Hovering {
  readonly items: number;
  readonly way: BackUpWay;
  readonly choice: string | undefined;
}

export function DropZone(): ReactNode {
  const t = useMessages(messages);
  const { capabilities } = useHost();
  const [over, setOver] = useState<Hovering>();
  const latest = useRef(over);
  latest.current = over;
  useEffect(() => {
    const onOver = (event: DragEvent): void => {
      const { dataTransfer } = event;
      if (dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      dataTransfer.dropEffect = 'copy';
      const next = hovering(event.target, dataTransfer.items.length);
      if (!isSame(latest.current, next)) setOver(next);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(undefined);
    };
    const onDrop = (event: DragEvent): void => {
      const { dataTransfer } = event;
      if (dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      setOver(undefined);
      const { open, notify } = useShell.getState();
      const { way, choice } = hovering(event.target, dataTransfer.items.length);
      const files = [...dataTransfer.files];
      const where = { way, ...(choice === undefined ? {} : { choice }) };
      if (capabilities.pathsOf === undefined) {
        open({ name: 'back-up', paths: [], ...where, withoutPaths: files.map(({ name }) => name) });
        return;
      }
      const paths = capabilities.pathsOf(files).filter((path) => path !== '');
      if (paths.length === 0) notify({ id: 'drop', tone: 'warn', title: t.nothing, text: t.nothingText, action: { label: t.choose, run: () => open({ name: 'back-up', paths: [] }) } });
      else open({ name: 'back-up', paths, ...where });
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setOver(undefined);
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
      window.removeEventListener('keydown', onKey);
    };
  }, [capabilities, t]);
  return over === undefined ? null : <Targets over={over} />;
}

function hovering(target: EventTarget | null, items: number): Hovering {
  const element = target instanceof Element ? target : null;
  const way = element?.closest<HTMLElement>('[data-way]')?.dataset['way'];
  return { items, way: way === 'plan' || way === 'new' ? way : 'once', choice: element?.closest<HTMLElement>('[data-choice]')?.dataset['choice'] };
}

function isSame(one: Hovering | undefined, other: Hovering): boolean {
  return one?.items === other.items && one.way === other.way && one.choice === other.choice;
}

const mostChips = 6;

function Targets({ over }: { readonly over: Hovering }): ReactNode {
  const t = useMessages(messages);
  const { client, platform } = useHost();
  const repositories = useQuery(repositoriesQuery(client)).data ?? [];
  const plans = useQuery(plansQuery(client)).data ?? [];
  const first = repositories.find(({ kind }) => kind === 'embedded') ?? repositories[0];
  const once = { way: 'once', icon: Upload, title: t.ways.once, text: t.toPlace(first?.name ?? t.embedded), chips: repositories.length > 1 ? repositories.map(({ repository_id: id, name }) => ({ id, name })) : [] } as const;
  const plan = { way: 'plan', icon: FolderPlus, title: t.ways.plan, text: t.wayTexts.plan, chips: plans.map(({ plan_id: id, name }) => ({ id, name })) } as const;
  const own = { way: 'new', icon: CalendarPlus, title: t.ways.new, text: t.wayTexts.new, chips: [] } as const;
  const targets = plans.length === 0 ? [once, own] : [once, plan, own];
  return (
    <div className={styles['drop']}>
      <div className={styles['middle']}>
        <h2>{over.items === 0 ? t.dropTitle : t.dropItems(over.items)}</h2>
        <p className="t2">{t.dropText}</p>
        <div className={styles['targets']}>
          {targets.map((target) => (
            <Target key={target.way} over={over} {...target} />
          ))}
        </div>
        <p className={styles['keys']}>
          <KeyCap>Esc</KeyCap> {t.dropKeys} <KeyCap>{keyText('Mod O', platform)}</KeyCap> {t.dropKeysEnd}
        </p>
      </div>
    </div>
  );
}

interface TargetProps {
  readonly way: BackUpWay;
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text: string;
  readonly chips: readonly { readonly id: string; readonly name: string }[];
  readonly over: Hovering;
}

function Target({ way, icon: Icon, title, text, chips, over }: TargetProps): ReactNode {
  const t = useMessages(messages);
  const hot = over.way === way;
  return (
    <div className={classes(styles['target'], hot && styles['hot'])} data-way={way}>
      <div className={styles['top']}>
        <span className={styles['icon']}>
          <Icon size={20} strokeWidth={1.75} aria-hidden />
        </span>
        {hot && over.items > 0 ? (
          <span className={styles['held']}>
            <Files size={14} strokeWidth={1.75} aria-hidden />
            {t.items(over.items)}
          </span>
        ) : null}
      </div>
      <b>{title}</b>
      <p>{text}</p>
      <div className={styles['chips']}>
        {chips.slice(0, mostChips).map(({ id, name }) => (
          <span key={id} data-choice={id} className={classes(styles['chip'], over.choice === id && styles['hotchip'])}>
            <NameText>{name}</NameText>
          </span>
        ))}
      </div>
    </div>
  );
}
