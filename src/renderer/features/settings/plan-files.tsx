/** What a plan backs up, and what it leaves out. */
import { Folder, FolderPlus, ScanLine, X } from 'lucide-react';
import { useId } from 'react';
import type { DragEvent, ReactNode } from 'react';
import type { MeasuredPath } from '../../../shared/contract/schemas/machine.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { TextInput } from '../../components/controls.tsx';
import { PathText } from '../../components/display.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useChoosePaths } from '../paths/use-choose-paths.tsx';
import type { PlanDraft } from './plan-draft.ts';
import { PlanExcludes } from './plan-excludes.tsx';
import { messages } from './plan-messages.ts';
import styles from './plan.module.css';
import { Setting } from './setting.tsx';
import { usePlanMeasure } from './use-plan-measure.ts';

interface PlanFilesProps {
  readonly draft: PlanDraft;
  readonly onChange: (change: Partial<PlanDraft>) => void;
}

export function PlanFiles({ draft, onChange }: PlanFilesProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const id = useId();
  const { kept, everything } = usePlanMeasure(draft.paths, draft.excludes, draft.repository_id);
  const spared = kept?.state === 'done' && everything?.state === 'done' ? { bytes: Math.max(0, everything.bytes - kept.bytes), files: Math.max(0, everything.files - kept.files) } : undefined;
  return (
    <>
      <div className={`card ${styles['group']}`}>
        <Setting name={t.name} control={id}>
          <TextInput id={id} className={styles['name']} aria-label={t.name} placeholder={t.namePlaceholder} maxLength={120} value={draft.name} onChange={(event) => onChange({ name: event.target.value })} />
        </Setting>
      </div>
      <Sources paths={draft.paths} measured={new Map(kept?.paths.map((path) => [path.path, path]))} onChange={(paths) => onChange({ paths })} />
      <PlanExcludes draft={draft} spared={spared} onChange={onChange} />
      {kept === undefined || kept.state === 'cancelled' ? null : (
        <p className={styles['dry']} role="status">
          <ScanLine size={16} strokeWidth={1.75} aria-hidden />
          <span>
            <span className="strong">{kept.state === 'running' ? t.counting(f.bytes(kept.bytes), kept.files) : t.reads(f.bytes(kept.bytes), kept.files)}</span> {kept.state === 'done' ? t.readsNote : ''}
          </span>
        </p>
      )}
    </>
  );
}

interface SourcesProps {
  readonly paths: readonly string[];
  readonly measured: ReadonlyMap<string, MeasuredPath>;
  readonly onChange: (paths: string[]) => void;
}

function Sources({ paths, measured, onChange }: SourcesProps): ReactNode {
  const t = useMessages(messages);
  const { pathsOf } = useHost().capabilities;
  const add = (more: readonly string[]): void => onChange([...new Set([...paths, ...more])]);
  const choosing = useChoosePaths(add);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    // The window's own drop zone would start a backup.
    event.stopPropagation();
    add(pathsOf?.([...event.dataTransfer.files]).filter((path) => path !== '') ?? []);
  };
  return (
    <section className={`card ${styles['group']} ${styles['sources'] ?? ''}`} aria-label={t.sources} {...(pathsOf === undefined ? {} : { onDrop: drop, onDragOver: (event: DragEvent) => event.preventDefault() })}>
      <ul>
        {paths.map((path) => (
          <li key={path}>
            <Folder size={17} strokeWidth={1.75} aria-hidden />
            <div className="grow">
              <div className="strong">
                <PathText path={path} />
              </div>
              <Measured measured={measured.get(path)} />
            </div>
            <IconButton icon={X} size="small" label={t.remove(visibleText(path))} onClick={() => onChange(paths.filter((other) => other !== path))} />
          </li>
        ))}
      </ul>
      <div className={styles['drop']}>
        <FolderPlus size={17} strokeWidth={1.75} aria-hidden />
        <span className="t2">{pathsOf === undefined ? t.addPaths : t.drop}</span>
        <Button size="small" onClick={() => choosing.choose('folders')}>
          {t.chooseFolders}
        </Button>
        <Button size="small" onClick={() => choosing.choose('files')}>
          {t.chooseFiles}
        </Button>
      </div>
      {choosing.dialog}
    </section>
  );
}

function Measured({ measured }: { readonly measured: MeasuredPath | undefined }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  if (measured === undefined || measured.state === 'waiting') return <p className="small t2">{t.waiting}</p>;
  const kinds = measured.problems.map(({ kind }) => kind);
  const named = (['missing', 'inside_destination', 'special', 'holds_destination', 'repeated'] as const).find((kind) => kinds.includes(kind));
  const problem = named === undefined ? (kinds.includes('unreadable') ? t.problems.unreadable(measured.problem_count) : undefined) : t.problems[named];
  const size = measured.state === 'counting' ? t.counting(f.bytes(measured.bytes), measured.files) : measured.state === 'counted' && measured.type !== 'missing' ? t.counted(f.bytes(measured.bytes), measured.files) : undefined;
  return (
    <p className="small t2">
      {size}
      {size === undefined || problem === undefined ? null : '. '}
      {problem === undefined ? null : <span className={styles['problem']}>{problem}</span>}
    </p>
  );
}
