/** The agent's settings. A change holds at once; one that is refused comes back as it was, with the reason. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Settings } from '../../../shared/contract/schemas/settings.ts';
import { useHost } from '../../lib/host/host.ts';
import { settingsQuery } from '../../lib/queries.ts';
import { keys } from '../../lib/query-keys.ts';

export interface UsedSettings {
  readonly settings: Settings | undefined;
  /** Why they cannot be read, or why the last change was refused. */
  readonly error: Error | null;
  readonly change: (change: Partial<Settings>) => void;
}

export function useSettings(): UsedSettings {
  const { client } = useHost();
  const cache = useQueryClient();
  const { data, error } = useQuery(settingsQuery(client));
  const save = useMutation({
    // One after the other, each on what the one before left.
    scope: { id: 'settings' },
    mutationFn: async (change: Partial<Settings>) => client.update_settings({ ...(await client.get_settings()), ...change }),
    onMutate: (change) => {
      cache.setQueryData<Settings>(keys.settings, (before) => (before === undefined ? undefined : { ...before, ...change }));
    },
    onSuccess: () => void cache.invalidateQueries({ queryKey: ['server'] }),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.settings }),
  });
  return { settings: data, error: error ?? save.error, change: save.mutate };
}
