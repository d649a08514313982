/** Adds, changes and removes a user of the server of this computer. A password that was made is shown once, and kept nowhere. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Copy, KeyRound, UserPlus } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { ServerUserUse } from '../../../shared/server-users.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Field, Switch } from '../../components/controls.tsx';
import { AlertDialog, Dialog, DialogGap } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { usePreferences } from '../../lib/preferences.ts';
import { keys } from '../../lib/query-keys.ts';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './server-messages.ts';
import { Setting } from './setting.tsx';
import styles from './settings.module.css';

export interface UserDialog {
  readonly kind: 'add' | 'password' | 'quota' | 'remove';
  /** Whom it is about; undefined for `add`. */
  readonly user?: ServerUserUse;
}

interface UserDialogsProps {
  readonly dialog: UserDialog;
  /** Where other computers, or this one, reach the server. */
  readonly url: string;
  readonly dataFolder: string;
  readonly onClose: () => void;
}

export function UserDialogs({ dialog: { kind, user }, url, dataFolder, onClose }: UserDialogsProps): ReactNode {
  if (user === undefined) return kind === 'add' ? <AddUser url={url} onClose={onClose} /> : null;
  if (kind === 'password') return <ChangePassword user={user} url={url} onClose={onClose} />;
  return kind === 'quota' ? <ChangeQuota user={user} onClose={onClose} /> : <RemoveUser user={user} dataFolder={dataFolder} onClose={onClose} />;
}

function AddUser({ url, onClose }: { readonly url: string; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const cache = useQueryClient();
  const id = useId();
  const size = useSizeField(null);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [appendOnly, setAppendOnly] = useState(true);
  const add = useMutation({
    mutationFn: () => client.add_server_user({ name, quota_bytes: size.bytes ?? null, append_only: appendOnly, ...(password === '' ? {} : { password }) }),
    onSuccess: async ({ password: made }) => {
      await cache.invalidateQueries({ queryKey: keys.serverUsers });
      if (made === null) onClose();
    },
  });
  if (add.data?.password !== undefined && add.data.password !== null) return <MadePassword name={name} password={add.data.password} url={url} onClose={onClose} />;
  return (
    <Dialog onClose={onClose} title={t.addTitle} description={t.addText} icon={UserPlus} foot={<Foot id={id} go={t.add} disabled={name === '' || size.isWrong || add.isPending} onClose={onClose} />}>
      <Form id={id} onSubmit={() => add.mutate()}>
        <Field label={t.name} hint={t.nameHint} value={name} dir="ltr" spellCheck={false} autoCapitalize="none" autoComplete="off" maxLength={64} onChange={(event) => setName(event.target.value.toLowerCase())} />
        <Field label={t.password} hint={t.passwordHint} type="password" value={password} autoComplete="new-password" onChange={(event) => setPassword(event.target.value)} />
        {size.field}
        <Setting name={t.appendOnly} hint={t.appendOnlyHint} control={`${id}-append-only`}>
          <Switch id={`${id}-append-only`} checked={appendOnly} onChange={setAppendOnly} />
        </Setting>
        {add.error === null ? null : <ErrorPanel error={add.error} />}
      </Form>
    </Dialog>
  );
}

function ChangePassword({ user: { name }, url, onClose }: { readonly user: ServerUserUse; readonly url: string; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const notify = useShell((shell) => shell.notify);
  const id = useId();
  const [password, setPassword] = useState('');
  const change = useMutation({
    mutationFn: () => client.update_server_user({ name, ...(password === '' ? { generate_password: true } : { password }) }),
    onSuccess: ({ password: made }) => {
      if (made !== null) return;
      notify({ id: 'server-password', tone: 'ok', title: t.passwordSet(name) });
      onClose();
    },
  });
  if (change.data?.password !== undefined && change.data.password !== null) return <MadePassword name={name} password={change.data.password} url={url} onClose={onClose} />;
  return (
    <Dialog onClose={onClose} title={t.passwordTitle(name)} description={t.passwordText} icon={KeyRound} foot={<Foot id={id} go={t.passwordGo} disabled={change.isPending} onClose={onClose} />}>
      <Form id={id} onSubmit={() => change.mutate()}>
        <Field label={t.password} hint={t.passwordHint} type="password" value={password} autoComplete="new-password" onChange={(event) => setPassword(event.target.value)} />
        {change.error === null ? null : <ErrorPanel error={change.error} />}
      </Form>
    </Dialog>
  );
}

function ChangeQuota({ user: { name, quota_bytes: quota }, onClose }: { readonly user: ServerUserUse; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const cache = useQueryClient();
  const id = useId();
  const size = useSizeField(quota);
  const change = useMutation({
    mutationFn: () => client.update_server_user({ name, quota_bytes: size.bytes ?? null }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: keys.serverUsers });
      onClose();
    },
  });
  return (
    <Dialog onClose={onClose} title={t.quotaTitle(name)} description={t.quotaText} foot={<Foot id={id} go={t.quotaGo} disabled={size.isWrong || change.isPending} onClose={onClose} />}>
      <Form id={id} onSubmit={() => change.mutate()}>
        {size.field}
        {change.error === null ? null : <ErrorPanel error={change.error} />}
      </Form>
    </Dialog>
  );
}

function RemoveUser({ user: { name }, dataFolder, onClose }: { readonly user: ServerUserUse; readonly dataFolder: string; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const cache = useQueryClient();
  const separator = dataFolder.includes('\\') ? '\\' : '/';
  const remove = useMutation({
    mutationFn: () => client.remove_server_user({ name }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: keys.serverUsers });
      onClose();
    },
  });
  return (
    <AlertDialog
      onClose={onClose}
      title={t.removeTitle(name)}
      description={t.removeText(name, `${dataFolder}${separator}${name}`)}
      foot={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t.keepUser}</Button>
          <Button variant="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
            {t.removeGo}
          </Button>
        </>
      }
    >
      {remove.error === null ? null : <ErrorPanel error={remove.error} />}
    </AlertDialog>
  );
}

/** The one time that it is to be seen. */
function MadePassword({ name, password, url, onClose }: { readonly name: string; readonly password: string; readonly url: string; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const address = `rest:${url.replace('://', `://${name}@`)}/${name}/`;
  return (
    <Dialog
      onClose={onClose}
      title={t.passwordOf(name)}
      description={t.shownOnce}
      icon={KeyRound}
      foot={
        <>
          <DialogGap />
          <Button variant="primary" onClick={onClose}>
            {t.done}
          </Button>
        </>
      }
    >
      <div className={styles['secrets']}>
        <Secret text={address} label={t.copyAddress} />
        <Secret text={password} label={t.copyPassword} />
      </div>
    </Dialog>
  );
}

function Secret({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const t = useMessages(messages);
  const notify = useShell((shell) => shell.notify);
  return (
    <p>
      <span className="mono" dir="ltr">
        {text}
      </span>
      {/* Not shown again in the notice: it stays until it is read. */}
      <IconButton size="small" icon={Copy} label={label} onClick={() => void navigator.clipboard.writeText(text).then(() => notify({ id: 'copied', tone: 'ok', title: t.copied }))} />
    </p>
  );
}

function Form({ id, onSubmit, children }: { readonly id: string; readonly onSubmit: () => void; readonly children: ReactNode }): ReactNode {
  return (
    <form
      id={id}
      className={styles['form']}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

function Foot({ id, go, disabled, onClose }: { readonly id: string; readonly go: string; readonly disabled: boolean; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  return (
    <>
      <DialogGap />
      <Button onClick={onClose}>{t.close}</Button>
      <Button type="submit" form={id} variant="primary" disabled={disabled}>
        {go}
      </Button>
    </>
  );
}

/** A size in the unit that the person chose; nothing: no limit. */
function useSizeField(first: number | null): { readonly field: ReactNode; readonly bytes: number | undefined; readonly isWrong: boolean } {
  const t = useMessages(messages);
  const { locale } = useFormat();
  const isBinary = usePreferences((preferences) => preferences.sizes) === 'binary';
  const unit = isBinary ? 1024 ** 3 : 1e9;
  const [text, setText] = useState(() => (first === null ? '' : new Intl.NumberFormat(locale, { maximumFractionDigits: 3, useGrouping: false }).format(first / unit)));
  const number = Number(text.trim().replace(',', '.'));
  const bytes = text.trim() === '' ? undefined : Math.round(number * unit);
  const isWrong = bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes > 0);
  return {
    bytes: isWrong ? undefined : bytes,
    isWrong,
    field: <Field label={t.quotaIn(isBinary ? 'GiB' : 'GB')} hint={t.quotaHint} inputMode="decimal" value={text} autoComplete="off" error={isWrong ? t.quotaWrong : undefined} onChange={(event) => setText(event.target.value)} />,
  };
}
