/** What a plan leaves out: tiles for what most people mean, and patterns of their own. */
import { Plus, X } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { ExcludePreset, Excludes } from '../../../shared/contract/schemas/plan.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Checkbox, TextInput } from '../../components/controls.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { hasGroup, ownPatterns, patternGroups, withGroup } from './plan-draft.ts';
import type { PlanDraft } from './plan-draft.ts';
import { messages } from './plan-messages.ts';
import styles from './plan.module.css';

interface PlanExcludesProps {
  readonly draft: PlanDraft;
  /** By what is left out; undefined while it is not counted. */
  readonly spared: { readonly bytes: number; readonly files: number } | undefined;
  readonly onChange: (change: Partial<PlanDraft>) => void;
}

const presets = ['caches', 'build-output', 'trash'] as const satisfies readonly ExcludePreset[];
const groups = ['downloads', 'machines'] as const;
const megabyte = 1_000_000;
const usualLimit = 4000 * megabyte;

export function PlanExcludes({ draft, spared, onChange }: PlanExcludesProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const { excludes } = draft;
  const change = (more: Partial<Excludes>): void => onChange({ excludes: { ...excludes, ...more } });
  const { larger_than: larger, ...withoutLimit } = excludes;
  return (
    <section className={`card ${styles['group']} ${styles['excludes'] ?? ''}`} aria-label={t.leftOut}>
      <p>
        <span className="strong">{t.leftOut}</span> <span className="t2">{spared === undefined || spared.files === 0 ? '' : t.spares(f.bytes(spared.bytes), spared.files)}</span>
      </p>
      <div className={styles['tiles']}>
        {presets.map((preset) => (
          <Tile key={preset} name={t.presets[preset]} hint={t.presetHints[preset]} checked={excludes.presets.includes(preset)} onChange={(on) => change({ presets: presets.filter((one) => (one === preset ? on : excludes.presets.includes(one))) })} />
        ))}
        {groups.map((group) => (
          <Tile key={group} name={t.groups[group]} hint={patternGroups[group].slice(0, 2).join(', ')} checked={hasGroup(draft, group)} onChange={(on) => onChange({ excludes: withGroup(draft, group, on).excludes })} />
        ))}
        <Tile name={t.oneFileSystem} hint={t.oneFileSystemHint} checked={excludes.one_file_system} onChange={(on) => change({ one_file_system: on })} />
        <Tile name={t.larger} checked={larger !== undefined} onChange={(on) => onChange({ excludes: on ? { ...excludes, larger_than: usualLimit } : withoutLimit })}>
          {larger === undefined ? null : (
            <span className="row">
              <TextInput
                type="number"
                aria-label={t.larger}
                min={1}
                step={1}
                value={Math.round(larger / megabyte)}
                onChange={(event) => {
                  if (event.target.valueAsNumber >= 1) change({ larger_than: Math.round(event.target.valueAsNumber * megabyte) });
                }}
              />
              <span className="small t2">{t.largerHint}</span>
            </span>
          )}
        </Tile>
      </div>
      <Patterns patterns={ownPatterns(draft)} onAdd={(pattern) => change({ patterns: [...new Set([...excludes.patterns, pattern])] })} onRemove={(pattern) => change({ patterns: excludes.patterns.filter((other) => other !== pattern) })} />
    </section>
  );
}

interface TileProps {
  readonly name: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children?: ReactNode;
}

function Tile({ name, hint, checked, onChange, children }: TileProps): ReactNode {
  const id = useId();
  return (
    <div className={styles['tile']} data-checked={checked ? '' : undefined}>
      <Checkbox id={id} checked={checked} onChange={onChange} />
      <div>
        <label htmlFor={id} className="strong">
          {name}
        </label>
        {hint === undefined ? null : (
          <p className="small t2 cut" dir="auto">
            {hint}
          </p>
        )}
        {children}
      </div>
    </div>
  );
}

interface PatternsProps {
  readonly patterns: readonly string[];
  readonly onAdd: (pattern: string) => void;
  readonly onRemove: (pattern: string) => void;
}

function Patterns({ patterns, onAdd, onRemove }: PatternsProps): ReactNode {
  const t = useMessages(messages);
  const [text, setText] = useState('');
  const add = (): void => {
    if (text.trim() !== '') onAdd(text.trim());
    setText('');
  };
  return (
    <form
      className={styles['patterns']}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      {patterns.map((pattern) => (
        <span key={pattern} className={styles['pattern']}>
          <bdi className="mono" dir="ltr">
            {visibleText(pattern)}
          </bdi>
          <IconButton icon={X} size="small" label={t.removePattern(visibleText(pattern))} onClick={() => onRemove(pattern)} />
        </span>
      ))}
      <TextInput aria-label={t.patternLabel} placeholder={t.patternHint} dir="ltr" spellCheck={false} value={text} maxLength={4096} onChange={(event) => setText(event.target.value)} />
      <Button type="submit" size="small" icon={Plus} disabled={text.trim() === ''}>
        {t.addPattern}
      </Button>
    </form>
  );
}
