/** A folder of a snapshot: a virtual grid with one tab stop. Arrows move, Space and a click choose, Enter and two clicks open a folder or restore a file, Alt with the arrow up goes up. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { File, Folder, FolderX, Link2 } from 'lucide-react';
import { useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { TreeEntry } from '../../../shared/contract/schemas/repository.ts';
import { Failure } from '../../../shared/errors.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/controls.tsx';
import { EmptyState, NameText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { usePreferences } from '../../lib/preferences.ts';
import { messages } from './messages.ts';
import styles from './restore.module.css';
import { chosen, countOf, everything, isChosen, nothing } from './selection.ts';
import type { Selection } from './selection.ts';
import { useTree } from './use-tree.ts';

interface FileListProps {
  readonly repositoryId: string;
  readonly snapshot: string;
  readonly path: string;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly onOpen: (path: string) => void;
  /** Undefined at the root. */
  readonly onUp: (() => void) | undefined;
  readonly onRestore: () => void;
  /** To what the snapshot was made of. */
  readonly onHome: () => void;
}

const rowHeights = { comfortable: 34, compact: 30 } as const;
const rowsOfPage = 12;

export function FileList({ repositoryId, snapshot, path, selection, onSelect, onOpen, onUp, onRestore, onHome }: FileListProps): ReactNode {
  const t = useMessages(messages);
  const list = useRef<HTMLDivElement>(null);
  const density = usePreferences((preferences) => preferences.density);
  const [range, setRange] = useState({ first: 0, last: 0 });
  const [at, setAt] = useState(0);
  const tree = useTree(repositoryId, snapshot, path, range.first, range.last);
  const total = tree.total ?? 0;
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => list.current,
    estimateSize: () => rowHeights[density],
    overscan: 10,
    onChange: ({ range: seen }) => {
      if (seen !== null && (seen.startIndex !== range.first || seen.endIndex !== range.last)) setRange({ first: seen.startIndex, last: seen.endIndex });
    },
  });
  // Time was walked to where the folder was not yet, or is not any more: that is no error.
  if (tree.error instanceof Failure && tree.error.code === 'PATH_NOT_FOUND') {
    return (
      <EmptyState icon={FolderX} title={t.notThen} text={t.notThenText}>
        <Button variant="primary" onClick={onHome}>
          {t.showContents}
        </Button>
      </EmptyState>
    );
  }
  if (tree.error !== null) {
    return (
      <div className="body pad">
        <ErrorPanel error={tree.error}>
          <Button variant="primary" onClick={tree.again}>
            {t.retry}
          </Button>
        </ErrorPanel>
      </div>
    );
  }
  if (tree.total === undefined) {
    return (
      <div className="body">
        <Skeleton rows={6} />
      </div>
    );
  }
  const move = (to: number): void => {
    const next = Math.min(total - 1, Math.max(0, to));
    setAt(next);
    virtual.scrollToIndex(next);
  };
  const choose = (index: number, on: boolean | undefined): void => {
    const entry = tree.entryAt(index);
    if (entry !== undefined) onSelect(chosen(selection, entry, on ?? !isChosen(selection, entry.path)));
  };
  const open = (index: number): void => {
    const entry = tree.entryAt(index);
    if (entry === undefined) return;
    if (entry.type === 'dir') return onOpen(entry.path);
    onSelect(chosen(selection, entry, true));
    onRestore();
  };
  const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + rowsOfPage, PageUp: at - rowsOfPage, Home: 0, End: total - 1 };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const modified = event.ctrlKey || event.metaKey;
    const step = event.altKey || modified ? undefined : steps[event.key];
    if (event.altKey && event.key === 'ArrowUp' && onUp !== undefined) onUp();
    else if (modified && event.key.toLowerCase() === 'a') onSelect(everything);
    else if (modified && event.key === 'Enter') onRestore();
    else if (step !== undefined) {
      // Shift takes along what it leaves and what it reaches.
      const [from, to] = [at, Math.min(total - 1, Math.max(0, step))];
      if (event.shiftKey) onSelect(withRows(selection, tree.entryAt, Math.min(from, to), Math.max(from, to)));
      move(to);
    } else if (event.key === ' ' && !modified) choose(at, undefined);
    else if (event.key === 'Enter' && !modified) open(at);
    else if (event.key === 'Escape' && countOf(selection, total) > 0) onSelect(nothing);
    else return;
    event.preventDefault();
  };
  const count = countOf(selection, total);
  return (
    <>
      <div className={styles['columns']}>
        <Checkbox checked={count === 0 ? false : count === total ? true : 'indeterminate'} disabled={total === 0} label={t.selectAll} onChange={(on) => onSelect(on ? everything : nothing)} />
        <span>{t.name}</span>
        <span className="end">{t.size}</span>
        <span className={styles['changed']}>{t.changed}</span>
      </div>
      <div
        ref={list}
        className={styles['files']}
        role="grid"
        aria-label={t.entries}
        aria-rowcount={total}
        aria-multiselectable
        tabIndex={0}
        onKeyDown={onKeyDown}
        {...(total === 0 ? {} : { 'aria-activedescendant': `entry-${at}` })}
      >
        {total === 0 ? <p className={styles['note']}>{t.empty}</p> : null}
        <div className={styles['space']} role="presentation" style={{ blockSize: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const entry = tree.entryAt(item.index);
            return (
              <div key={item.key} role="presentation" className={styles['place']} style={{ translate: `0 ${item.start}px`, blockSize: item.size }}>
                <EntryRow
                  index={item.index}
                  entry={entry}
                  selected={entry !== undefined && isChosen(selection, entry.path)}
                  current={item.index === at}
                  onPick={(index) => {
                    setAt(index);
                    list.current?.focus();
                  }}
                  onToggle={choose}
                  onOpen={open}
                />
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

/** Those of the rows that are known; the others are on their way. */
function withRows(selection: Selection, entryAt: (index: number) => TreeEntry | undefined, first: number, last: number): Selection {
  let next = selection;
  for (let index = first; index <= last; index += 1) {
    const entry = entryAt(index);
    if (entry !== undefined) next = chosen(next, entry, true);
  }
  return next;
}

interface EntryRowProps {
  readonly index: number;
  readonly entry: TreeEntry | undefined;
  readonly selected: boolean;
  readonly current: boolean;
  readonly onPick: (index: number) => void;
  readonly onToggle: (index: number, on: boolean) => void;
  readonly onOpen: (index: number) => void;
}

function EntryRow({ index, entry, selected, current, onPick, onToggle, onOpen }: EntryRowProps): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const now = useNow(600_000);
  const Icon = entry?.type === 'dir' ? Folder : entry?.type === 'symlink' ? Link2 : File;
  return (
    <div
      id={`entry-${index}`}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={selected}
      className={styles['entry']}
      data-current={current ? '' : undefined}
      onClick={(event) => {
        onPick(index);
        // The second click of two opens.
        if (event.detail <= 1) onToggle(index, !selected);
      }}
      onDoubleClick={() => onOpen(index)}
    >
      <span role="gridcell" className={styles['box']}>
        {entry === undefined ? null : (
          // Within the grid the space bar does this; a click on the row does it too.
          <span aria-hidden data-checked={selected ? '' : undefined} className={styles['tick']} onDoubleClick={(event) => event.stopPropagation()} />
        )}
      </span>
      <span role="gridcell" className={styles['name']}>
        <Icon size={16} strokeWidth={1.75} className={entry?.type === 'dir' ? styles['folder'] : undefined} aria-hidden />
        {entry === undefined ? (
          <span className={styles['coming']} aria-label={t.loading} />
        ) : entry.type === 'dir' ? (
          <button
            type="button"
            tabIndex={-1}
            className="cut"
            title={visibleText(entry.name)}
            onClick={(event) => {
              event.stopPropagation();
              onOpen(index);
            }}
          >
            <NameText>{entry.name}</NameText>
          </button>
        ) : (
          <span className="cut" title={visibleText(entry.name)}>
            <NameText>{entry.name}</NameText>
          </span>
        )}
      </span>
      <span role="gridcell" className="end">
        {entry?.size === undefined ? '' : format.bytes(entry.size)}
      </span>
      <span role="gridcell" className={styles['changed']}>
        {entry?.mtime === undefined ? '' : format.moment(new Date(entry.mtime), now)}
      </span>
    </div>
  );
}
