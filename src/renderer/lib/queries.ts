/** Operations that read, as options for react-query. Events keep most of them fresh (events.ts). */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Client } from '../../shared/contract/client.ts';
import type { Job, JobState } from '../../shared/contract/schemas/job.ts';
import { keys } from './query-keys.ts';

const activeStates = ['running', 'paused', 'waiting', 'queued'] as const satisfies readonly JobState[];
const pageSize = 1000;
const finishedPageSize = 500;

export function activeJobsQuery(client: Client) {
  return queryOptions({
    queryKey: keys.activeJobs,
    queryFn: async (): Promise<readonly Job[]> => (await Promise.all(activeStates.map((state) => everyJob(client, state)))).flat(),
    staleTime: Infinity,
  });
}

async function everyJob(client: Client, state: JobState): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (;;) {
    const before = jobs.at(-1)?.job_id;
    const page = await client.list_jobs({ state, limit: pageSize, ...(before === undefined ? {} : { before }) });
    jobs.push(...page.jobs);
    if (page.jobs.length < pageSize) return jobs;
  }
}

export function finishedJobsQuery(client: Client) {
  return infiniteQueryOptions({
    queryKey: keys.finishedJobs,
    queryFn: async ({ pageParam }): Promise<readonly Job[]> => (await client.list_jobs({ state: 'done', limit: finishedPageSize, ...(pageParam === undefined ? {} : { before: pageParam }) })).jobs,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => (last.length < finishedPageSize ? undefined : last.at(-1)?.job_id),
    staleTime: Infinity,
  });
}

export function jobQuery(client: Client, jobId: string) {
  return queryOptions({ queryKey: keys.job(jobId), queryFn: () => client.get_job({ job_id: jobId }), staleTime: Infinity });
}

export function skippedQuery(client: Client, jobId: string) {
  return queryOptions({ queryKey: keys.skipped(jobId), queryFn: async () => (await client.list_skipped({ job_id: jobId })).items, staleTime: Infinity });
}

export function plansQuery(client: Client) {
  return queryOptions({ queryKey: keys.plans, queryFn: async () => (await client.list_plans()).plans, staleTime: 60_000 });
}

export function repositoriesQuery(client: Client) {
  return queryOptions({ queryKey: keys.repositories, queryFn: async () => (await client.list_repositories()).repositories, staleTime: 60_000 });
}

export function snapshotsQuery(client: Client, repositoryId: string) {
  return queryOptions({ queryKey: keys.snapshotsOf(repositoryId), queryFn: async () => (await client.list_snapshots({ repository_id: repositoryId })).snapshots, staleTime: 300_000, retry: false });
}

export function destinationsQuery(client: Client) {
  return queryOptions({ queryKey: keys.destinations, queryFn: async () => (await client.list_destinations()).destinations, refetchInterval: 5000, staleTime: 4000 });
}

export function healthQuery(client: Client) {
  return queryOptions({ queryKey: keys.health, queryFn: () => client.get_health(), staleTime: 30_000 });
}

export function alertsQuery(client: Client) {
  return queryOptions({ queryKey: keys.alerts, queryFn: async () => (await client.list_alerts()).alerts, staleTime: Infinity });
}

export function settingsQuery(client: Client) {
  return queryOptions({ queryKey: keys.settings, queryFn: () => client.get_settings(), staleTime: 60_000 });
}
