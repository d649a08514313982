/** Limits of the network, and how much runs at once. */
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { Settings } from '../../../shared/contract/schemas/settings.ts';
import { Button } from '../../components/button.tsx';
import { TextInput } from '../../components/controls.tsx';
import { Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useMessages } from '../../lib/messages/messages.ts';
import { messages } from './messages.ts';
import { Setting } from './setting.tsx';
import styles from './settings.module.css';
import { useSettings } from './use-settings.ts';

type Numbers = Pick<Settings, 'upload_limit' | 'download_limit' | 'concurrency' | 'max_attempts'>;

export function Network(): ReactNode {
  const { settings, error } = useSettings();
  if (settings === undefined) return error === null ? <Skeleton rows={4} /> : <ErrorPanel error={error} />;
  return <NetworkForm settings={settings} />;
}

function NetworkForm({ settings }: { readonly settings: Settings }): ReactNode {
  const t = useMessages(messages);
  const { save } = useSettings();
  const [draft, setDraft] = useState<Numbers>(settings);
  const lines = [
    { field: 'upload_limit', name: t.uploads, hint: t.limitHint, min: 0, max: 10_000_000 },
    { field: 'download_limit', name: t.downloads, hint: t.limitHint, min: 0, max: 10_000_000 },
    { field: 'concurrency', name: t.jobs, hint: t.jobsHint, min: 1, max: 16 },
    { field: 'max_attempts', name: t.attempts, hint: t.attemptsHint, min: 1, max: 100 },
  ] as const;
  const id = useId();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...settings, upload_limit: draft.upload_limit, download_limit: draft.download_limit, concurrency: draft.concurrency, max_attempts: draft.max_attempts });
      }}
    >
      <h2>{t.pages.network}</h2>
      <div className={`card ${styles['group']}`}>
        {lines.map(({ field, name, hint, min, max }) => (
          <Setting key={field} name={name} hint={hint} control={`${id}-${field}`}>
            <TextInput id={`${id}-${field}`} aria-label={name} type="number" required min={min} max={max} step={1} value={Number.isNaN(draft[field]) ? '' : draft[field]} onChange={(event) => setDraft({ ...draft, [field]: event.target.valueAsNumber })} />
          </Setting>
        ))}
      </div>
      {save.error === null ? null : <ErrorPanel error={save.error} />}
      <Button type="submit" variant="primary" disabled={save.isPending}>
        {t.save}
      </Button>
    </form>
  );
}
