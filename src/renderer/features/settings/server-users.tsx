/** The users of the server of this computer: what each stores, whether it may delete, when it was seen. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Gauge, KeyRound, Plus, UserMinus } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ServerUserUse } from '../../../shared/server-users.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Switch } from '../../components/controls.tsx';
import { NameText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Menu, MenuItem, MenuLine } from '../../components/menu.tsx';
import { Progress } from '../../components/progress.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { keys } from '../../lib/query-keys.ts';
import { messages } from './server-messages.ts';
import { UserDialogs } from './server-user-dialogs.tsx';
import type { UserDialog } from './server-user-dialogs.tsx';
import styles from './settings.module.css';

const pollMs = 5000;
/** From this share of the quota on its bar warns. */
const nearlyFull = 90;

interface ServerUsersProps {
  readonly url: string;
  readonly dataFolder: string;
}

export function ServerUsers({ url, dataFolder }: ServerUsersProps): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const [dialog, setDialog] = useState<UserDialog>();
  const users = useQuery({ queryKey: keys.serverUsers, queryFn: async () => (await client.list_server_users()).users, refetchInterval: pollMs });
  if (users.data === undefined) return users.error === null ? <Skeleton rows={2} /> : <ErrorPanel error={users.error} />;
  return (
    <section className={`card ${styles['group']}`} aria-label={t.users}>
      {users.data.length === 0 ? null : (
        <table className={`${styles['table']} ${styles['users']}`}>
          <thead>
            <tr>
              <th scope="col">{t.user}</th>
              <th scope="col">{t.quota}</th>
              <th scope="col">{t.appendOnly}</th>
              <th scope="col">
                <span className="sr">{t.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {users.data.map((user) => (
              <UserRow key={user.name} user={user} onDialog={(kind) => setDialog({ kind, user })} />
            ))}
          </tbody>
        </table>
      )}
      <div className={styles['tablefoot']}>
        <p className="small t2 grow">{users.data.length === 0 ? t.noUsers : t.appendOnlyText}</p>
        <Button size="small" icon={Plus} onClick={() => setDialog({ kind: 'add' })}>
          {t.addUser}
        </Button>
      </div>
      {dialog === undefined ? null : <UserDialogs dialog={dialog} url={url} dataFolder={dataFolder} onClose={() => setDialog(undefined)} />}
    </section>
  );
}

function UserRow({ user, onDialog }: { readonly user: ServerUserUse; readonly onDialog: (kind: 'password' | 'quota' | 'remove') => void }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const { client } = useHost();
  const cache = useQueryClient();
  const now = useNow(pollMs);
  const { name, append_only: appendOnly, last_seen_at: seenAt, computers } = user;
  const change = useMutation({
    mutationFn: (append_only: boolean) => client.update_server_user({ name, append_only }),
    onMutate: (append_only) => {
      cache.setQueryData<ServerUserUse[]>(keys.serverUsers, (before) => before?.map((one) => (one.name === name ? { ...one, append_only } : one)));
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.serverUsers }),
  });
  const seen = seenAt === null ? t.neverSeen : [...(computers > 0 ? [t.computers(computers)] : []), t.seen(f.ago(new Date(seenAt), now))].join(', ');
  return (
    <tr>
      <td>
        <span className="strong">
          <NameText>{name}</NameText>
        </span>
        <p className="small t2">{change.error === null ? seen : <span role="alert">{change.error.message}</span>}</p>
      </td>
      <td>
        <QuotaUse user={user} />
      </td>
      <td>
        <Switch label={t.appendOnlyOf(name)} checked={appendOnly} onChange={change.mutate} />
      </td>
      <td className="end">
        <Menu trigger={<IconButton size="small" icon={Ellipsis} label={t.menuOf(name)} />}>
          <MenuItem icon={KeyRound} onSelect={() => onDialog('password')}>
            {t.changePassword}
          </MenuItem>
          <MenuItem icon={Gauge} onSelect={() => onDialog('quota')}>
            {t.changeQuota}
          </MenuItem>
          <MenuLine />
          <MenuItem icon={UserMinus} dangerous onSelect={() => onDialog('remove')}>
            {t.remove}
          </MenuItem>
        </Menu>
      </td>
    </tr>
  );
}

function QuotaUse({ user: { name, quota_bytes: quota, stored_bytes: stored } }: { readonly user: ServerUserUse }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  if (quota === null) return <p className={styles['quota']}>{stored === null ? t.without : t.noQuota(f.bytes(stored))}</p>;
  if (stored === null) return <p className={styles['quota']}>{t.onlyQuota(f.bytes(quota))}</p>;
  const share = Math.min(100, (stored / quota) * 100);
  const text = t.used(...f.bytesPair(stored, quota));
  return (
    <div className={styles['quota']}>
      <Progress thin label={t.quotaUsed(name)} value={share} valueText={text} tone={share >= nearlyFull ? 'warn' : 'accent'} />
      <span>{text}</span>
    </div>
  );
}
