/** The connections of the server of this computer as they are now, with their rates and whose they are. */
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ConnectionHealth } from '../../../shared/contract/schemas/connection-health.ts';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { useHost } from '../../lib/host/host.ts';
import { activeJobsQuery } from '../../lib/queries.ts';
import { keys } from '../../lib/query-keys.ts';
import { useJobNames } from '../jobs/use-job-names.ts';
import { Rates } from './rates.ts';
import type { Rate } from './rates.ts';

export interface LiveConnection extends ConnectionHealth {
  readonly rate: Rate;
  /** The job that uses it, by its client's id. */
  readonly job: Job | undefined;
  /** Of the job, else what the client calls itself; undefined where it says nothing. */
  readonly name: string | undefined;
}

const pollMs = 1000;

export function useConnections(): { readonly connections: readonly LiveConnection[] | undefined; readonly error: Error | null } {
  const { client } = useHost();
  const { nameOf } = useJobNames();
  const [rates] = useState(() => new Rates());
  const asked = useQuery({ queryKey: keys.connections, queryFn: () => client.get_connection_health(), refetchInterval: pollMs, retry: false });
  const active = useQuery(activeJobsQuery(client)).data;
  const measured = useMemo(() => (asked.data === undefined ? undefined : { list: Object.values(asked.data), rates: rates.take(Object.values(asked.data)) }), [asked.data, rates]);
  const connections = useMemo(
    () =>
      measured?.list
        .toSorted((a, b) => a.connected_at.localeCompare(b.connected_at) || a.connection_id.localeCompare(b.connection_id))
        .map((connection): LiveConnection => {
          const job = active?.find(({ job_id: id }) => id === connection.client_id);
          return { ...connection, job, name: job === undefined ? (connection.client_id ?? connection.user_agent ?? undefined) : nameOf(job), rate: measured.rates.get(connection.connection_id) ?? { in: 0, out: 0 } };
        }),
    [measured, active, nameOf],
  );
  return { connections, error: asked.error };
}
