/** Lets a person make sure that what they have written down opens the copies. */
import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/controls.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { messages } from './messages.ts';
import styles from './settings.module.css';

export function TestPassword({ repositoryId, onClose }: { readonly repositoryId: string; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const [password, setPassword] = useState('');
  const test = useMutation({ mutationFn: () => client.check_password({ repository_id: repositoryId, password }) });
  return (
    <Dialog onClose={onClose} title={t.testPassword} description={t.testHint} icon={KeyRound}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          test.mutate();
        }}
      >
        <div className={styles['test']}>
          <Field
            label={t.password}
            type="password"
            value={password}
            autoComplete="off"
            onChange={(event) => {
              setPassword(event.target.value);
              test.reset();
            }}
          />
          <Button type="submit" variant="primary" disabled={password === '' || test.isPending}>
            {t.test}
          </Button>
        </div>
        {test.data === undefined ? null : <p role="status">{test.data.matches ? t.matches : t.differs}</p>}
        {test.error === null ? null : <ErrorPanel error={test.error} />}
      </form>
    </Dialog>
  );
}
