/** What opens a repository: the password that is kept here, and the recovery sheet on paper. */
import { useMutation } from '@tanstack/react-query';
import { FileKey, KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/controls.tsx';
import { Dialog, DialogGap } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './messages.ts';
import styles from './settings.module.css';
import { TestPassword } from './test-password.tsx';

export function RepositoryKeys({ repository: { repository_id: id } }: { readonly repository: Repository }): ReactNode {
  const t = useMessages(messages);
  const { client, capabilities } = useHost();
  const [dialog, setDialog] = useState<'test' | 'change'>();
  const sheet = useMutation({
    mutationFn: async () => {
      const { file_name: name, text } = await client.get_recovery_sheet({ repository_id: id });
      await capabilities.saveText(name, text);
    },
  });
  const close = (): void => setDialog(undefined);
  return (
    <section className={`card ${styles['group']}`} aria-label={t.keys}>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">{t.keys}</th>
            <th scope="col">{t.keptIn}</th>
            <th scope="col">
              <span className="sr">{t.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td className="strong">{t.thisComputer}</td>
            <td>
              <span className={styles['kept']}>
                <KeyRound size={14} strokeWidth={1.75} aria-hidden />
                {t.keptHere}
              </span>
            </td>
            <td className="end">
              <Button size="small" variant="quiet" onClick={() => setDialog('test')}>
                {t.testShort}
              </Button>
              <Button size="small" variant="quiet" onClick={() => setDialog('change')}>
                {t.changePassword}
              </Button>
            </td>
          </tr>
          <tr>
            <td className="strong">{t.sheetName}</td>
            <td>
              <span className={styles['kept']}>
                <FileKey size={14} strokeWidth={1.75} aria-hidden />
                {t.onPaper}
              </span>
            </td>
            <td className="end">
              <Button size="small" variant="quiet" disabled={sheet.isPending} onClick={() => sheet.mutate()}>
                {t.sheet}
              </Button>
            </td>
          </tr>
        </tbody>
      </table>
      <p className={styles['nothing']}>{t.keysNote}</p>
      {sheet.error === null ? null : <ErrorPanel error={sheet.error} />}
      {dialog === 'test' ? <TestPassword repositoryId={id} onClose={close} /> : null}
      {dialog === 'change' ? <ChangePassword repositoryId={id} onClose={close} /> : null}
    </section>
  );
}

/** Another password that opens the repository, as after one was changed with another program. */
function ChangePassword({ repositoryId, onClose }: { readonly repositoryId: string; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const notify = useShell((shell) => shell.notify);
  const [password, setPassword] = useState('');
  const change = useMutation({
    mutationFn: () => client.update_repository({ repository_id: repositoryId, password }),
    onSuccess: () => {
      notify({ id: 'password-kept', tone: 'ok', title: t.passwordKept });
      onClose();
    },
  });
  return (
    <Dialog
      onClose={onClose}
      title={t.changeTitle}
      description={t.changeText}
      icon={KeyRound}
      foot={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t.close}</Button>
          <Button variant="primary" type="submit" form="change-password" disabled={password === '' || change.isPending}>
            {t.changeGo}
          </Button>
        </>
      }
    >
      <form
        id="change-password"
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Field label={t.password} type="password" value={password} autoComplete="off" onChange={(event) => setPassword(event.target.value)} />
        {change.error === null ? null : <ErrorPanel error={change.error} />}
      </form>
    </Dialog>
  );
}
