/** The three ways of backing up what was chosen, and what each has to know. */
import { CalendarPlus, FolderPlus, Upload } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import type { ReactNode } from 'react';
import type { Plan } from '../../../shared/contract/schemas/plan.ts';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { Field, Select } from '../../components/controls.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import type { BackUpWay } from '../../lib/shell-state.ts';
import styles from './drop.module.css';
import { messages } from './messages.ts';

export type Rhythm = 'hourly' | 'daily' | 'weekly';

/** What the person has decided in the dialog. */
export interface WayDraft {
  readonly way: BackUpWay;
  readonly repositoryId: string | undefined;
  readonly planId: string | undefined;
  /** Of the new plan; undefined: after its first path. */
  readonly name: string | undefined;
  readonly rhythm: Rhythm;
}

interface WaysProps {
  readonly draft: WayDraft;
  /** The plan's name where the person gave none. */
  readonly defaultName: string;
  readonly repositories: readonly Repository[];
  readonly plans: readonly Plan[];
  readonly onChange: (change: Partial<WayDraft>) => void;
}

const icons = { once: Upload, plan: FolderPlus, new: CalendarPlus } as const;
const ways = ['once', 'plan', 'new'] as const satisfies readonly BackUpWay[];

export function Ways({ draft, defaultName, repositories, plans, onChange }: WaysProps): ReactNode {
  const t = useMessages(messages);
  const choose = (value: string): void => {
    const way = ways.find((one) => one === value);
    if (way !== undefined) onChange({ way });
  };
  return (
    <>
      <RadioGroup.Root className={styles['ways'] ?? ''} aria-label={t.how} value={draft.way} onValueChange={choose} orientation="horizontal">
        {ways.map((way) => {
          const Icon = icons[way];
          return (
            <RadioGroup.Item key={way} value={way} className={styles['way'] ?? ''} disabled={way === 'plan' && plans.length === 0} aria-label={`${t.ways[way]}. ${t.wayTexts[way]}`}>
              <Icon size={16} strokeWidth={1.75} aria-hidden />
              <b>{t.ways[way]}</b>
              <p>{t.wayTexts[way]}</p>
            </RadioGroup.Item>
          );
        })}
      </RadioGroup.Root>
      <div className={styles['options']}>
        {draft.way === 'plan' ? (
          <Labelled label={t.planLabel}>
            <Select label={t.planLabel} value={draft.planId ?? ''} choices={plans.map((plan) => ({ value: plan.plan_id, label: visibleText(plan.name) }))} onChange={(planId) => onChange({ planId })} />
          </Labelled>
        ) : null}
        {draft.way === 'new' ? (
          <>
            <Field label={t.planName} value={draft.name ?? defaultName} maxLength={120} onChange={(event) => onChange({ name: event.target.value })} />
            <Labelled label={t.rhythm}>
              <Select label={t.rhythm} value={draft.rhythm} choices={(['hourly', 'daily', 'weekly'] as const).map((value) => ({ value, label: t.rhythms[value] }))} onChange={(rhythm) => onChange({ rhythm })} />
            </Labelled>
          </>
        ) : null}
        {draft.way !== 'plan' && repositories.length > 1 ? (
          <Labelled label={t.where}>
            <Select label={t.where} value={draft.repositoryId ?? ''} choices={repositories.map((repository) => ({ value: repository.repository_id, label: visibleText(repository.name) }))} onChange={(repositoryId) => onChange({ repositoryId })} />
          </Labelled>
        ) : null}
      </div>
    </>
  );
}

function Labelled({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <span className="strong" aria-hidden>
        {label}
      </span>
      {children}
    </div>
  );
}
