/** Step 3: the password and its recovery sheet. */
import { useQuery } from '@tanstack/react-query';
import { Copy, Download, Eye, EyeOff, KeyRound, Printer, RefreshCw } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { RecoverySheet } from '../../../shared/contract/schemas/repository.ts';
import { Failure } from '../../../shared/errors.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Checkbox, TextInput } from '../../components/controls.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { useShell } from '../../lib/shell-state.ts';
import type { Draft } from './draft.ts';
import { repositoryUrl } from './draft.ts';
import styles from './first-run.module.css';
import { messages } from './messages.ts';
import { randomWords } from './random-words.ts';

interface StepPasswordProps {
  readonly draft: Draft;
  readonly existing: 'none' | 'copies' | 'default';
  readonly score: number | undefined;
  readonly onChange: (change: Partial<Draft>) => void;
}

export function StepPassword({ draft, existing, score, onChange }: StepPasswordProps): ReactNode {
  const t = useMessages(messages);
  const sheet = useSheet(draft, existing);
  const id = useId();
  useEffect(() => {
    if (existing === 'none' && draft.password === '') onChange({ password: randomWords(), generated: true });
  }, [existing, draft.password, onChange]);
  return (
    <div className={styles['password']}>
      <div>
        {existing === 'default' ? null : <PasswordField draft={draft} judged={existing === 'none'} score={score} onChange={onChange} />}
        <div className={styles['kept']}>
          <KeyRound size={16} strokeWidth={1.75} aria-hidden />
          <span className="strong">{t.kept}</span>
          <p className="small t2">{t.keptHint}</p>
        </div>
        {existing === 'copies' ? null : (
          <div className={styles['confirm']}>
            <Checkbox id={id} checked={draft.sheetSaved} label={t.sheetSaved} onChange={(sheetSaved) => onChange({ sheetSaved })} />
            <label htmlFor={id}>
              <span className="strong">{t.sheetSaved}</span>
              <p className="small t2">{t.sheetHint}</p>
            </label>
          </div>
        )}
      </div>
      {sheet === undefined || existing === 'copies' ? null : <Sheet sheet={sheet} />}
    </div>
  );
}

/** Of the repository that is there already, or of the one that is about to be made. */
function useSheet(draft: Draft, existing: StepPasswordProps['existing']): RecoverySheet | undefined {
  const { client } = useHost();
  const url = repositoryUrl(draft);
  const { data } = useQuery({
    queryKey: ['recovery-sheet', existing, url, draft.password],
    queryFn: () => (existing === 'default' ? client.get_recovery_sheet({ repository_id: 'default' }) : client.draft_recovery_sheet({ password: draft.password, ...(url === undefined ? {} : { url }) })),
    enabled: existing === 'default' || draft.password.trim() !== '',
    placeholderData: (before) => before,
    // A secret stays nowhere longer than it is shown.
    gcTime: 0,
    retry: false,
  });
  return data;
}

function PasswordField({ draft, judged, score, onChange }: Pick<StepPasswordProps, 'draft' | 'score' | 'onChange'> & { readonly judged: boolean }): ReactNode {
  const t = useMessages(messages);
  const [shown, setShown] = useState(judged);
  const announce = useShell((shell) => shell.announce);
  const copy = (): void => void navigator.clipboard.writeText(draft.password).then(() => announce(t.copied));
  const weak = judged && score !== undefined && score < 3;
  return (
    <>
      <h2>{t.password}</h2>
      <div className={styles['secret']}>
        <TextInput
          aria-label={t.password}
          type={shown ? 'text' : 'password'}
          value={draft.password}
          dir="ltr"
          spellCheck={false}
          autoComplete="off"
          aria-describedby={judged ? 'password-verdict' : undefined}
          onChange={(event) => onChange({ password: event.target.value, generated: false, sheetSaved: false })}
        />
        <div>
          <IconButton icon={shown ? EyeOff : Eye} label={shown ? t.hide : t.show} onClick={() => setShown(!shown)} />
          {judged ? (
            <>
              <IconButton icon={Copy} label={t.copy} onClick={copy} />
              <IconButton icon={RefreshCw} label={t.another} onClick={() => onChange({ password: randomWords(), generated: true, sheetSaved: false })} />
            </>
          ) : null}
        </div>
      </div>
      {judged && score !== undefined ? (
        <>
          <div className={styles['meter']} data-score={score} role="meter" aria-label={t.strength} aria-valuemin={0} aria-valuemax={4} aria-valuenow={score} aria-valuetext={t.strengths[score]}>
            <i />
            <i />
            <i />
            <i />
          </div>
          <p id="password-verdict" className={`${styles['verdict']} small t2`} data-weak={weak ? '' : undefined} aria-live="polite">
            <b>{t.strengths[score]}.</b> {draft.generated ? t.fiveWords : t.strengthHints[score]} {weak ? t.tooWeak : ''}
          </p>
        </>
      ) : null}
    </>
  );
}

function Sheet({ sheet }: { readonly sheet: RecoverySheet }): ReactNode {
  const t = useMessages(messages);
  const { saveText } = useHost().capabilities;
  const notify = useShell((shell) => shell.notify);
  const save = async (): Promise<void> => {
    try {
      await saveText(sheet.file_name, sheet.text);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      notify({ id: 'sheet', tone: 'danger', title: t.notSaved, text: error.message });
    }
  };
  return (
    <section aria-label={t.sheet}>
      <pre className={styles['paper']} dir="ltr" aria-hidden>
        {sheet.text}
      </pre>
      <div className={styles['papers']}>
        <Button size="small" icon={Printer} onClick={() => window.print()}>
          {t.print}
        </Button>
        <Button size="small" icon={Download} onClick={() => void save()}>
          {t.save}
        </Button>
      </div>
      <pre className={styles['printed']} dir="ltr">
        {sheet.text}
      </pre>
    </section>
  );
}
