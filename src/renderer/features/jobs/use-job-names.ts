/** Names of jobs and places, from the plans and repositories that the agent knows. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { plansQuery, repositoriesQuery } from '../../lib/queries.ts';
import { jobName } from './job-look.ts';
import { messages } from './messages.ts';

export interface JobNames {
  readonly nameOf: (job: Job) => string;
  readonly placeOf: (job: Pick<Job, 'repository_id'>) => string;
  /** Kind and place, as in "Backup to Home server". */
  readonly kindOf: (job: Job) => string;
}

export function useJobNames(): JobNames {
  const { client } = useHost();
  const t = useMessages(messages);
  const plans = useQuery(plansQuery(client)).data;
  const repositories = useQuery(repositoriesQuery(client)).data;
  return useMemo(() => {
    const planNames = new Map(plans?.map((plan) => [plan.plan_id, plan.name]));
    const placeNames = new Map(repositories?.map((repository) => [repository.repository_id, repository.name]));
    const placeOf = ({ repository_id: id }: Pick<Job, 'repository_id'>): string => placeNames.get(id) ?? id;
    return {
      placeOf,
      nameOf: (job) => jobName(job, job.plan_id === null ? undefined : planNames.get(job.plan_id), t),
      kindOf: (job) => (job.kind === 'backup' ? (job.plan_id === null ? t.onceTo : t.backupTo)(placeOf(job)) : job.kind === 'restore' ? t.restoreFrom(placeOf(job)) : placeOf(job)),
    };
  }, [plans, repositories, t]);
}
