/** Step 1: folders, counted while the person decides. */
import { Code, FileText, Folder, FolderPlus, ListFilter } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { MeasuredPath, Place } from '../../../shared/contract/schemas/machine.ts';
import type { ExcludePreset } from '../../../shared/contract/schemas/plan.ts';
import { Checkbox } from '../../components/controls.tsx';
import { NameText, PathText } from '../../components/display.tsx';
import { baseName } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { placeIcons } from '../paths/path-chooser.tsx';
import { usePathProblem } from '../paths/path-problem.ts';
import { PathSize } from '../paths/path-size.tsx';
import { useChoosePaths } from '../paths/use-choose-paths.tsx';
import type { Draft } from './draft.ts';
import { messages } from './messages.ts';
import styles from './first-run.module.css';

const presets = ['caches', 'build-output', 'trash'] as const satisfies readonly ExcludePreset[];

interface StepWhatProps {
  readonly draft: Draft;
  readonly places: readonly Place[];
  /** Paths that were added to the places. */
  readonly added: readonly string[];
  readonly measured: ReadonlyMap<string, MeasuredPath>;
  readonly onChange: (change: Partial<Draft>) => void;
  readonly onAdd: (paths: readonly string[]) => void;
}

export function StepWhat({ draft, places, added, measured, onChange, onAdd }: StepWhatProps): ReactNode {
  const t = useMessages(messages);
  const { pathsOf } = useHost().capabilities;
  const choosing = useChoosePaths(onAdd);
  const toggle = (path: string, on: boolean): void => onChange({ paths: on ? [...draft.paths, path] : draft.paths.filter((one) => one !== path) });
  const rows = [...places.map((place) => ({ path: place.path, name: place.name, icon: place.kind === 'folder' ? folderIcon(place.name) : placeIcons[place.kind] })), ...added.map((path) => ({ path, name: baseName(path), icon: Folder }))];
  return (
    <>
      <ul className={styles['folders']} aria-label={t.folders}>
        {rows.map((row) => (
          <FolderRow key={row.path} {...row} checked={draft.paths.includes(row.path)} measured={measured.get(row.path)} onToggle={toggle} />
        ))}
      </ul>
      <div className={styles['drop']}>
        <FolderPlus size={17} strokeWidth={1.75} aria-hidden />
        <span>
          {pathsOf === undefined ? t.addMore : t.dropMore}{' '}
          <button type="button" className={styles['link']} onClick={() => choosing.choose('folders')}>
            {t.choose}
          </button>
        </span>
      </div>
      <LeftOut chosen={draft.presets} onChange={(chosen) => onChange({ presets: chosen })} />
      {choosing.dialog}
    </>
  );
}

function folderIcon(name: string): LucideIcon {
  return /^(projects?|src|code|dev|git|repos?)$/i.test(name) ? Code : /doc/i.test(name) ? FileText : Folder;
}

interface FolderRowProps {
  readonly path: string;
  readonly name: string;
  readonly icon: LucideIcon;
  readonly checked: boolean;
  readonly measured: MeasuredPath | undefined;
  readonly onToggle: (path: string, on: boolean) => void;
}

function FolderRow({ path, name, icon: Icon, checked, measured, onToggle }: FolderRowProps): ReactNode {
  const t = useMessages(messages);
  const id = useId();
  const problem = usePathProblem(measured)?.text;
  return (
    <li>
      <Checkbox id={id} checked={checked} label={t.protect(name)} onChange={(on) => onToggle(path, on)} />
      <Icon size={18} strokeWidth={1.75} aria-hidden />
      <label htmlFor={id}>
        <span className="strong">
          <NameText>{name}</NameText>
        </span>
        <p>
          <PathText path={path} />
        </p>
        {problem === undefined ? null : <p className={styles['problem']}>{problem}</p>}
      </label>
      <PathSize measured={measured} />
    </li>
  );
}

function LeftOut({ chosen, onChange }: { readonly chosen: readonly ExcludePreset[]; readonly onChange: (presets: readonly ExcludePreset[]) => void }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const [open, setOpen] = useState(false);
  return (
    <div className={styles['leftout']}>
      <ListFilter size={14} strokeWidth={1.75} aria-hidden />
      <span>{t.leftOut}</span>
      {open
        ? presets.map((preset) => (
            <label key={preset}>
              <Checkbox checked={chosen.includes(preset)} label={t.presets[preset]} onChange={(on) => onChange(on ? [...chosen, preset] : chosen.filter((one) => one !== preset))} />
              {t.presets[preset]}
            </label>
          ))
        : `${chosen.length === 0 ? t.nothingLeftOut : format.list(chosen.map((preset) => t.presets[preset]))}.`}
      <button type="button" className={styles['link']} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? t.done : t.change}
      </button>
    </div>
  );
}
