/** The agent's settings, and saving them with a word that they hold. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Settings } from '../../../shared/contract/schemas/settings.ts';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { settingsQuery } from '../../lib/queries.ts';
import { keys } from '../../lib/query-keys.ts';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './messages.ts';

export function useSettings() {
  const t = useMessages(messages);
  const { client } = useHost();
  const cache = useQueryClient();
  const notify = useShell((shell) => shell.notify);
  const { data, error } = useQuery(settingsQuery(client));
  const save = useMutation({
    mutationFn: (settings: Settings) => client.update_settings(settings),
    onSuccess: (kept) => {
      cache.setQueryData(keys.settings, kept);
      void cache.invalidateQueries({ queryKey: ['server'] });
      notify({ id: 'settings', tone: 'ok', title: t.saved, text: t.savedText });
    },
  });
  return { settings: data, error, save };
}
