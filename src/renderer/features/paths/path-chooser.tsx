/** A chooser of files and folders of the agent's machine, for browsers, which have none for paths. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ArrowUp, Download, File, FileText, Folder, HardDrive, House, Image, Link2, Monitor, Music, Video } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import type { FolderEntry, PlaceKind } from '../../../shared/contract/schemas/machine.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Checkbox, TextInput } from '../../components/controls.tsx';
import { Dialog, DialogGap } from '../../components/dialog.tsx';
import { NameText } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { messages } from './messages.ts';
import styles from './path-chooser.module.css';

export type ChooserKind = 'files' | 'folders' | 'folder';

interface PathChooserProps {
  readonly kind: ChooserKind;
  readonly onChoose: (paths: readonly string[]) => void;
  readonly onClose: () => void;
}

export const placeIcons: Readonly<Record<PlaceKind, LucideIcon>> = { home: House, documents: FileText, desktop: Monitor, pictures: Image, music: Music, videos: Video, downloads: Download, folder: Folder, drive: HardDrive, root: HardDrive };

export function PathChooser({ kind, onChoose, onClose }: PathChooserProps): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const places = useQuery({ queryKey: ['places'], queryFn: async () => (await client.list_places()).places });
  const [asked, setAsked] = useState<string>();
  const [hidden, setHidden] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const path = asked ?? places.data?.find((place) => place.kind === 'home')?.path;
  const title = kind === 'files' ? t.chooseFiles : kind === 'folder' ? t.chooseFolder : t.chooseFolders;
  const go = (to: string): void => {
    setAsked(to);
    if (kind === 'folder') setChosen(new Set());
  };
  const toggle = (one: string, on: boolean): void => setChosen((before) => (on ? new Set([...before, one]) : new Set([...before].filter((other) => other !== one))));
  const answer = chosen.size > 0 ? [...chosen] : path === undefined ? [] : [path];
  return (
    <Dialog
      onClose={onClose}
      title={title}
      size="wide"
      foot={
        <>
          <label className={styles['hidden']}>
            <Checkbox checked={hidden} onChange={setHidden} label={t.showHidden} />
            {t.showHidden}
          </label>
          <DialogGap />
          <Button onClick={onClose}>{t.keep}</Button>
          <Button variant="primary" disabled={answer.length === 0 || (kind === 'files' && chosen.size === 0)} onClick={() => onChoose(answer)}>
            {kind === 'folder' ? t.chooseHere : t.choose(chosen.size)}
          </Button>
        </>
      }
    >
      <div className={styles['chooser']}>
        <nav className={styles['places']} aria-label={t.places}>
          {places.data?.map((place) => {
            const Icon = placeIcons[place.kind];
            return (
              <button key={place.path} type="button" aria-current={place.path === path ? 'location' : undefined} onClick={() => go(place.path)}>
                <Icon size={15} strokeWidth={1.75} aria-hidden />
                <span className="cut">{place.kind === 'root' ? t.root : <NameText>{place.name}</NameText>}</span>
              </button>
            );
          })}
        </nav>
        <div className={styles['main']}>{path === undefined ? null : <FolderView key={`${path}\0${hidden}`} path={path} hidden={hidden} kind={kind} chosen={chosen} onGo={go} onToggle={toggle} />}</div>
      </div>
    </Dialog>
  );
}

interface FolderViewProps {
  readonly path: string;
  readonly hidden: boolean;
  readonly kind: ChooserKind;
  readonly chosen: ReadonlySet<string>;
  readonly onGo: (path: string) => void;
  readonly onToggle: (path: string, on: boolean) => void;
}

function FolderView({ path, hidden, kind, chosen, onGo, onToggle }: FolderViewProps): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const [text, setText] = useState(path);
  const folder = useInfiniteQuery({
    queryKey: ['folder', path, hidden],
    queryFn: ({ pageParam }) => client.list_folder({ path, hidden, offset: pageParam }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const seen = pages.reduce((sum, { entries }) => sum + entries.length, 0);
      return last.entries.length === 0 || seen >= last.total ? undefined : seen;
    },
    staleTime: 0,
    retry: false,
  });
  const first = folder.data?.pages[0];
  const parent = first?.parent ?? null;
  const entries = folder.data?.pages.flatMap((page) => page.entries) ?? [];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text !== '') onGo(text);
  };
  return (
    <>
      <form className={styles['address']} onSubmit={submit}>
        <IconButton icon={ArrowUp} label={t.up} variant="plain" disabled={parent === null} onClick={() => (parent === null ? undefined : onGo(parent))} />
        <TextInput aria-label={t.path} value={text} spellCheck={false} dir="ltr" onChange={(event) => setText(event.target.value)} />
        <Button type="submit">{t.open}</Button>
      </form>
      {folder.error === null ? null : <ErrorPanel error={folder.error} />}
      {first === undefined ? null : (
        <ul className={styles['list']} aria-label={t.entries}>
          {entries.map((entry) => (
            <EntryRow key={entry.name} entry={entry} kind={kind} chosen={entry.path !== null && chosen.has(entry.path)} onGo={onGo} onToggle={onToggle} />
          ))}
          {first.total === 0 ? <li className={styles['empty']}>{t.empty}</li> : null}
          {folder.hasNextPage ? (
            <li className={styles['more']}>
              <Button size="small" variant="quiet" onClick={() => void folder.fetchNextPage()}>
                {t.more(first.total - entries.length)}
              </Button>
            </li>
          ) : null}
        </ul>
      )}
    </>
  );
}

interface EntryRowProps extends Pick<FolderViewProps, 'kind' | 'onGo' | 'onToggle'> {
  readonly entry: FolderEntry;
  readonly chosen: boolean;
}

const entryIcons: Readonly<Record<FolderEntry['type'], LucideIcon>> = { folder: Folder, file: File, link: Link2, other: File };

function EntryRow({ entry, kind, chosen, onGo, onToggle }: EntryRowProps): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const { path } = entry;
  const Icon = entryIcons[entry.type];
  const choosable = path !== null && (kind === 'folder' ? false : kind === 'files' || entry.type === 'folder');
  return (
    <li data-chosen={chosen ? '' : undefined} title={path === null ? t.notChoosable : undefined}>
      {choosable ? <Checkbox checked={chosen} label={t.select(entry.name)} onChange={(on) => onToggle(path, on)} /> : <span />}
      <Icon size={15} strokeWidth={1.75} className={entry.type === 'folder' ? styles['folder'] : undefined} aria-hidden />
      {entry.opens && path !== null ? (
        <button type="button" className={styles['name']} onClick={() => onGo(path)}>
          <NameText>{entry.name}</NameText>
        </button>
      ) : (
        <span className="cut t2">
          <NameText>{entry.name}</NameText>
        </span>
      )}
      <span className="small t3">{entry.size === null ? '' : format.bytes(entry.size)}</span>
    </li>
  );
}
