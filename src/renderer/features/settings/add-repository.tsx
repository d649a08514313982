/** Adds a place for copies: existing ones with their password, or a new repository. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/controls.tsx';
import { Dialog, DialogGap } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { keys } from '../../lib/query-keys.ts';
import { messages } from './messages.ts';
import styles from './settings.module.css';

export function AddRepository({ onClose, onAdded }: { readonly onClose: () => void; readonly onAdded: (repositoryId: string) => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const cache = useQueryClient();
  const id = useId();
  const [url, setUrl] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const add = useMutation({
    mutationFn: () => client.add_repository({ url, password, ...(name.trim() === '' ? {} : { name }) }),
    onSuccess: async ({ repository_id: added }) => {
      await cache.invalidateQueries({ queryKey: keys.repositories });
      onAdded(added);
      onClose();
    },
  });
  return (
    <Dialog
      onClose={onClose}
      title={t.addTitle}
      description={t.addText}
      foot={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t.close}</Button>
          <Button type="submit" form={id} variant="primary" disabled={url === '' || password === '' || add.isPending}>
            {add.isPending ? t.adding : t.addGo}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Field label={t.addUrl} hint={t.addUrlHint} value={url} dir="ltr" spellCheck={false} autoComplete="off" onChange={(event) => setUrl(event.target.value)} />
        <Field label={t.password} type="password" value={password} autoComplete="off" onChange={(event) => setPassword(event.target.value)} />
        <Field label={t.name} value={name} maxLength={120} onChange={(event) => setName(event.target.value)} />
        {add.error === null ? null : <ErrorPanel error={add.error} />}
      </form>
    </Dialog>
  );
}
