/** Keys of the cache. Each begins with the one that stands for all of its kind. */
export const keys = {
  jobs: ['jobs'],
  activeJobs: ['jobs', 'active'],
  finishedJobs: ['jobs', 'finished'],
  job: (id: string) => ['jobs', 'one', id] as const,
  skipped: (id: string) => ['jobs', 'skipped', id] as const,
  plans: ['plans'],
  repositories: ['repositories'],
  snapshots: ['snapshots'],
  snapshotsOf: (repositoryId: string) => ['snapshots', repositoryId] as const,
  destinations: ['destinations'],
  health: ['health'],
  connections: ['connections'],
  partials: ['partials'],
  closedConnections: ['closed-connections'],
  alerts: ['alerts'],
  settings: ['settings'],
} as const;
