/** The household of the screenshots: plans, places, snapshots and files at a fixed time, the same at every run. */
import { createHash } from 'node:crypto';
import type { DestinationHealth } from '../../src/shared/contract/schemas/connection-health.ts';
import { job as jobSchema } from '../../src/shared/contract/schemas/job.ts';
import type { Job } from '../../src/shared/contract/schemas/job.ts';
import type { Alert, Health } from '../../src/shared/contract/schemas/observability.ts';
import { plan as planSchema } from '../../src/shared/contract/schemas/plan.ts';
import type { Plan } from '../../src/shared/contract/schemas/plan.ts';
import { repository as repositorySchema } from '../../src/shared/contract/schemas/repository.ts';
import type { Repository, Snapshot, TreeEntry } from '../../src/shared/contract/schemas/repository.ts';
import { settings as settingsSchema } from '../../src/shared/contract/schemas/settings.ts';
import { Failure } from '../../src/shared/errors.ts';
import type { ScriptedAnswers } from './scripted-agent.ts';

export const now = new Date('2026-11-20T14:24:00.000Z');
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const ago = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const gigabytes = (count: number): number => Math.round(count * 1e9);
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export const settings = settingsSchema.parse({});

export const repositories: readonly Repository[] = [
  { repository_id: 'default', name: 'This computer', url: '/home/anna/.local/share/cyberbackup/repository', kind: 'embedded' },
  { repository_id: 'home-server', name: 'Home server', url: 'rest:https://nas.local:1256/anna/', kind: 'rest', certificate_fingerprint: digest('nas') },
  { repository_id: 'studio', name: 'Studio cloud', url: 's3:https://s3.example.org/studio/anna', kind: 's3' },
  { repository_id: 'usb', name: 'Travel drive', url: '/media/anna/TRAVEL/backup', kind: 'local' },
].map((fields) => repositorySchema.parse({ created_at: ago(400 * day), certificate_fingerprint: null, last_used_at: ago(hour), last_error: fields.repository_id === 'usb' ? 'The drive is not there' : null, ...fields }));

function aPlan(id: string, name: string, repositoryId: string, paths: readonly string[], fields: Partial<Plan>): Plan {
  return planSchema.parse({
    plan_id: id, name, repository_id: repositoryId, paths, schedule: { kind: 'daily', at: '13:00' }, created_at: ago(300 * day), updated_at: ago(30 * day), paused_until: null, last_run_at: ago(90 * minute),
    last_job_id: `done-${id}-0`, missed_since: null, next_runs: [1, 2, 3, 4, 5].map((days) => ago(-days * day + 84 * minute)), ...fields,
  });
}

export const plans: readonly Plan[] = [
  aPlan('documents', 'Documents', 'home-server', ['/home/anna/Documents', '/home/anna/Desktop'], { schedule: { kind: 'hours', every: 1 } }),
  aPlan('photos', 'Photos', 'home-server', ['/home/anna/Pictures'], {}),
  aPlan('projects', 'Projects', 'studio', ['/home/anna/Projects'], { schedule: { kind: 'daily', at: '22:00' } }),
  aPlan('travel', 'Whole computer', 'usb', ['/home/anna'], { schedule: { kind: 'weekly', on: ['sunday'], at: '10:00' }, last_run_at: ago(6 * day), missed_since: ago(5 * day) }),
];

export function aJob(fields: Partial<Job> & Pick<Job, 'job_id'>): Job {
  return jobSchema.parse({
    kind: 'backup', state: 'running', phase: 'TRANSFERRING', file: null, progress: 0, message: '', bytes_done: 0, bytes_total: 0, files_done: 0, files_total: 0, speed_bytes_per_second: 0,
    eta_seconds: null, eta_range_seconds: null, bottleneck: null, stages: {}, attempt: 1, attempts: [], next_attempt_at: null, cancel_reason: null, error: null, error_count: 0, priority: 0,
    trace_id: digest(fields.job_id).slice(0, 32), created_at: ago(40 * minute), started_at: ago(38 * minute), finished_at: null, paused_until: null, repository_id: 'home-server', plan_id: null,
    paths: ['/home/anna/Documents'], snapshot_id: null, summary: null, ...fields,
  });
}

/** Of a backup that ended well, `daysAgo` days before. */
function ended(plan: Plan, daysAgo: number, fields: Partial<Job> = {}): Job {
  const at = daysAgo * day + 84 * minute;
  const files = 1200 + ((daysAgo * 7919) % 900);
  return aJob({
    job_id: `done-${plan.plan_id}-${daysAgo}`, plan_id: plan.plan_id, repository_id: plan.repository_id, paths: [...plan.paths], state: 'done', phase: 'COMPLETED', progress: 100, created_at: ago(at + 4 * minute),
    started_at: ago(at + 4 * minute), finished_at: ago(at), files_done: files, files_total: files, bytes_done: gigabytes(3.2), bytes_total: gigabytes(3.2), snapshot_id: digest(`${plan.plan_id} ${daysAgo}`),
    summary: { files_new: 12 + (daysAgo % 9), files_changed: 31, files_unmodified: files, data_added: 184_000_000, data_added_packed: 92_000_000, total_bytes_processed: gigabytes(3.2), total_files_processed: files, total_duration: 231, snapshot_id: digest(`${plan.plan_id} ${daysAgo}`) },
    ...fields,
  });
}

const running: readonly Job[] = [
  aJob({
    job_id: 'run-photos', plan_id: 'photos', paths: ['/home/anna/Pictures'], progress: 58, bytes_done: gigabytes(54.1), bytes_total: gigabytes(93.2), files_done: 412_380, files_total: 1_121_406, speed_bytes_per_second: 62_400_000,
    eta_seconds: 640, eta_range_seconds: { low: 600, high: 780 }, bottleneck: 'upload', file: '/home/anna/Pictures/2026/11 November/Norwegen/DSC_04812.NEF',
    stages: { scan: { bytes_per_second: 0, busy: 0 }, read: { bytes_per_second: 74_000_000, busy: 0.31 }, chunk: { bytes_per_second: 74_000_000, busy: 0.22 }, compress: { bytes_per_second: 71_000_000, busy: 0.4 }, encrypt: { bytes_per_second: 52_000_000, busy: 0.12 }, upload: { bytes_per_second: 31_900_000, busy: 0.97 } },
  }),
  aJob({ job_id: 'run-projects', plan_id: 'projects', repository_id: 'studio', paths: ['/home/anna/Projects'], phase: 'SCANNING', bytes_total: gigabytes(61.7), files_total: 708_112, file: '/home/anna/Projects/atlas/node_modules/react/index.js', created_at: ago(2 * minute), started_at: ago(minute) }),
];

const waiting: readonly Job[] = [
  aJob({ job_id: 'wait-travel', plan_id: 'travel', repository_id: 'usb', paths: ['/home/anna'], state: 'waiting', phase: 'WAITING_RETRY', attempt: 2, progress: 12, bytes_done: gigabytes(20.4), bytes_total: gigabytes(171), next_attempt_at: ago(-192_000), error: { code: 'STORAGE_UNREACHABLE', message: 'The drive is not there. What was stored stays stored. Connect it; the backup goes on by itself' }, attempts: [{ attempt: 1, started_at: ago(hour), finished_at: ago(50 * minute), error: { code: 'STORAGE_UNREACHABLE', message: 'The drive is not there' }, next_attempt_at: ago(45 * minute) }, { attempt: 2, started_at: ago(40 * minute), finished_at: ago(10 * minute), error: { code: 'STORAGE_UNREACHABLE', message: 'The drive is not there' }, next_attempt_at: ago(-192_000) }] }),
  aJob({ job_id: 'pause-music', paths: ['/home/anna/Music'], state: 'paused', phase: 'PAUSED', progress: 31, bytes_done: gigabytes(9.8), bytes_total: gigabytes(31.5), paused_until: ago(-3.6 * hour) }),
  aJob({ job_id: 'queue-docs', plan_id: 'documents', paths: ['/home/anna/Documents', '/home/anna/Desktop'], state: 'queued', phase: 'QUEUED', attempt: 0, started_at: null, created_at: ago(minute) }),
];

const [documents, photos, projects] = plans as [Plan, Plan, Plan, Plan];
export const history: readonly Job[] = [
  ended(documents, 0),
  ended(documents, 0, { job_id: 'part-documents', phase: 'PARTIAL', error_count: 3, created_at: ago(3 * hour), finished_at: ago(2.9 * hour), error: { code: 'SOURCE_INCOMPLETE', message: '3 files could not be read. Everything else is in the snapshot. Close the programs that use them; the next backup tries again' }, message: '3 files could not be read' }),
  aJob({ job_id: 'fail-projects', plan_id: 'projects', repository_id: 'studio', paths: ['/home/anna/Projects'], state: 'done', phase: 'FAILED', progress: 44, attempt: 10, bytes_done: gigabytes(27.1), bytes_total: gigabytes(61.7), created_at: ago(17 * hour), finished_at: ago(16 * hour), error: { code: 'STORAGE_FULL', message: 'Studio cloud has no room left. Earlier copies are untouched. Make room or choose another place' } }),
  aJob({ job_id: 'cancel-photos', plan_id: 'photos', paths: ['/home/anna/Pictures'], state: 'done', phase: 'CANCELLED', progress: 70, cancel_reason: 'On a train, the line is too slow', created_at: ago(20 * hour), finished_at: ago(19 * hour) }),
  aJob({ job_id: 'restore-tax', kind: 'restore', paths: ['/home/anna/Restored'], state: 'done', phase: 'COMPLETED', progress: 100, files_done: 214, files_total: 214, bytes_done: 318_000_000, bytes_total: 318_000_000, created_at: ago(22 * hour), finished_at: ago(21.9 * hour), summary: { files_restored: 214, bytes_restored: 318_000_000 } }),
  aJob({ job_id: 'check-server', kind: 'check', paths: [], state: 'done', phase: 'COMPLETED', progress: 100, created_at: ago(26 * hour), finished_at: ago(25 * hour), summary: { packs_read: 412, errors: 0 } }),
  ...Array.from({ length: 28 }, (_, index) => [ended(documents, index + 1), ended(photos, index + 1), ...(index % 2 === 0 ? [ended(projects, index + 2)] : [])]).flat(),
];

export const busyJobs: readonly Job[] = [...running, ...waiting, ...history];

const noProblem: readonly Alert[] = [];
export const alerts: readonly Alert[] = [
  { alert_id: 'a1', kind: 'repeated_failure', code: 'repeated_failure', values: { what: 'plan', count: 2, reason: 'no room in Studio cloud' }, severity: 'critical', message: 'The last 2 jobs of a plan failed. Earlier copies are unchanged. Look at the latest job for what to do.', at: ago(16 * hour), resolved_at: null, subject: 'projects' },
  { alert_id: 'a2', kind: 'server_unreachable', code: 'destination_unreachable', values: { place: 'Travel drive' }, severity: 'warning', message: 'Travel drive does not answer. What is stored there is unchanged, and jobs try again by themselves. Check that it is on and reachable.', at: ago(50 * minute), resolved_at: null, subject: 'usb' },
];

export const health: Health = {
  status: 'degraded',
  checks: {
    server: { status: 'healthy', message: 'The server answers in 2 ms', value: 2, threshold: 500 },
    queue: { status: 'healthy', message: '5 jobs in the queue', value: 5, threshold: 10_000 },
    disk: { status: 'degraded', message: '48.2 GB free of 512 GB', value: 9.4, threshold: 10 },
    event_loop: { status: 'healthy', message: 'Late by 3 ms at most', value: 3, threshold: 200 },
    failures: { status: 'healthy', message: 'One job failed in the last day', value: 1, threshold: 3 },
  },
  system: { at: now.toISOString(), cpu: 0.21, rss: 182_000_000, event_loop_delay_p99_ms: 3, disk_free: gigabytes(48.2), load: 0.6 },
};

export const destinations: readonly DestinationHealth[] = repositories.map(({ repository_id: id, url }, index) => ({
  repository_id: id, location: url, operations: 18_204 - index * 4000, active: index === 1 ? 4 : 0, failures: index === 3 ? 6 : 0, retries: index, bytes_in: gigabytes(1.2), bytes_out: gigabytes(54), bytes_per_second: index === 1 ? 31_900_000 : 0,
  latency_ms: [1, 4, 38, null][index] ?? null, last_success_at: ago(index === 3 ? 6 * day : minute), last_error: index === 3 ? { at: ago(10 * minute), kind: 'unreachable', message: 'The drive is not there' } : null,
}));

const connections = Object.fromEntries(
  [['14', 'active', 'anna-laptop'], ['15', 'active', 'anna-laptop'], ['17', 'idle', 'tom-desktop'], ['19', 'stalled', 'old-phone']].map(([fd = '', state, client], index) => [
    fd,
    { connection_id: `c${fd}`, fd: Number(fd), remote_address: `192.168.1.${20 + index}:5${index}231`, client_id: client ?? null, user_agent: 'cyberbackup/0.1.0', connected_at: ago(38 * minute), uptime_ms: 38 * minute, last_read_at: ago(index * 9000), last_write_at: ago(index * 9000), idle_read_ms: index * 9000, idle_write_ms: index * 9000, bytes_in: gigabytes(20 - index * 5), bytes_out: 4_100_000, requests: 4120 - index * 900, read_errors: 0, write_errors: index === 3 ? 2 : 0, last_error: index === 3 ? 'reset by the other end' : null, keep_alive: true, partial_clears: 0, state: state as 'active' | 'idle' | 'stalled' },
  ]),
);

export const snapshots: readonly Snapshot[] = Array.from({ length: 60 }, (_, index) => ({
  id: digest(`snapshot ${index}`), short_id: digest(`snapshot ${index}`).slice(0, 8), time: ago(index * 13 * hour + 84 * minute), hostname: 'anna-laptop', username: 'anna', paths: index % 3 === 0 ? ['/home/anna/Pictures'] : ['/home/anna/Documents', '/home/anna/Desktop'], tags: index === 20 ? ['pinned'] : [],
  summary: { data_added: 1_000_000 * (1 + ((index * 97) % 400)), total_files_processed: 48_210, total_bytes_processed: gigabytes(93.2) },
}));

const folders: Readonly<Record<string, readonly (readonly [name: string, size?: number])[]>> = {
  '/': [['home']],
  '/home': [['anna']],
  '/home/anna': [['Desktop'], ['Documents'], ['Pictures']],
  '/home/anna/Documents': [['Contracts'], ['Taxes'], ['Letters'], ['Budget 2026.ods', 48_211], ['Curriculum vitae.pdf', 210_482], ['Notes.md', 9120], ['Thesis final (2).docx', 4_821_004]],
};

function listTree(path: string): readonly TreeEntry[] {
  const entries = folders[path] ?? [['Readme.txt', 1204] as const];
  return entries.map(([name, size]) => ({ name, path: `${path === '/' ? '' : path}/${name}`, type: size === undefined ? 'dir' : 'file', ...(size === undefined ? {} : { size }), mode: 0o644, mtime: ago(3 * day) }));
}

/** The paths of each count that was begun. */
const measures: (readonly string[])[] = [];

/** Gigabytes and files of the folders that a person may choose. */
const sizes: Readonly<Record<string, readonly [gigabytes: number, files: number]>> = {
  '/home/anna/Documents': [44.1, 79_380],
  '/home/anna/Desktop': [4.1, 4830],
  '/home/anna/Pictures': [312, 61_480],
  '/home/anna/Music': [28.6, 3912],
  '/home/anna/Downloads': [18.7, 2214],
};

function place(kind: 'documents' | 'desktop' | 'pictures' | 'music' | 'downloads', name: string) {
  return { kind, name, path: `/home/anna/${name}`, free_bytes: null, total_bytes: null };
}

const machine = { hostname: 'anna-laptop', username: 'anna', platform: 'linux' as const, version: '0.1.0', home_folder: '/home/anna', configuration_folder: '/home/anna/.config/cyberbackup', data_folder: '/home/anna/.local/share/cyberbackup', log_folder: '/home/anna/.local/state/cyberbackup/log', default_repository: { path: '/home/anna/.local/share/cyberbackup/repository', exists: true } };

/** What the agent of the household answers, besides its jobs. */
export const householdAnswers: ScriptedAnswers = {
  list_plans: async () => ({ plans: [...plans] }),
  list_repositories: async () => ({ repositories: [...repositories] }),
  list_destinations: async () => ({ destinations: [...destinations] }),
  list_alerts: async () => ({ alerts: [...alerts] }),
  get_health: async () => health,
  get_settings: async () => settings,
  update_settings: async (changed) => changed,
  get_server: async () => ({ reach: 'reachable', url: 'http://127.0.0.1:1256', message: 'The server answers', trouble: null, data_folder: '/home/anna/.local/share/cyberbackup/server' }),
  get_connection_health: async () => connections,
  get_server_use: async () => ({ since: ago(3.3 * hour), stored_bytes: gigabytes(412), disk: { free_bytes: gigabytes(148), total_bytes: gigabytes(512) }, network: null }),
  list_server_users: async () => ({ users: [] }),
  list_closed_connections: async () => ({ connections: [] }),
  list_partials: async () => [],
  get_machine: async () => machine,
  list_places: async () => ({ places: [{ kind: 'home', name: 'anna', path: '/home/anna', free_bytes: gigabytes(48.2), total_bytes: gigabytes(512) }, place('documents', 'Documents'), place('desktop', 'Desktop'), place('pictures', 'Pictures'), place('music', 'Music'), place('downloads', 'Downloads'), { kind: 'drive', name: 'TRAVEL', path: '/media/anna/TRAVEL', free_bytes: gigabytes(410), total_bytes: gigabytes(1000) }] }),
  list_folder: async ({ path }) => ({ path, parent: path === '/' ? null : path.replace(/\/[^/]+$/, '') || '/', total: listTree(path).length, entries: listTree(path).map(({ name, path: at, type, size }) => ({ name, path: at, type: type === 'dir' ? 'folder' : 'file', opens: type === 'dir', hidden: false, size: size ?? null, modified_at: ago(3 * day) })) }),
  look_at_target: async () => ({ state: 'empty', writable: true, free_bytes: gigabytes(48.2) }),
  list_snapshots: async () => ({ snapshots: [...snapshots] }),
  list_tree: async ({ path }) => ({ path, total: listTree(path).length, entries: [...listTree(path)] }),
  start_measure: async ({ paths }) => measureOf(measures.push(paths)),
  get_measure: async ({ measure_id: id }) => measureOf(Number(id.slice(1))),
  cancel_measure: async () => ({ success: true }),
  get_metrics: async ({ window }) => ({ window, counters: {}, gauges: {}, timers: {}, histograms: {} }),
  get_system: async ({ window }) => ({ window, samples: Array.from({ length: 60 }, (_, index) => ({ ...health.system, at: ago((60 - index) * 5000), cpu: 0.2 + Math.sin(index / 6) * 0.1 })) }),
  list_traces: async () => ({ traces: [] }),
  get_trace: async ({ trace_id: id }) => Promise.reject(new Failure('TRACE_NOT_FOUND', { what: `There is no trace ${id}` })),
  preview_restore: async () => ({ files: 214, folders: 12, bytes: 318_000_000, same: 0, older_there: 0, newer_there: 0, complete: true }),
  diagnose_repository: async () => ({ location: '/media/anna/TRAVEL/CyberBackup', steps: [{ step: 'folder', ok: false, subject: '/media/anna/TRAVEL/CyberBackup', detail: 'ENOENT', took_ms: 1 }] }),
  list_skipped: async () => ({
    items: [
      { path: '/home/anna/Documents/Taxes/2025 draft.ods', during: 'read', message: 'permission denied' },
      { path: '/home/anna/Documents/Letters/~lock.reply.odt', during: 'open', message: 'no such file or directory' },
      { path: '/home/anna/Documents/Thesis final (2).docx', during: 'read', message: 'it changed while it was read' },
    ],
  }),
  pause_all: async () => ({ success: true, phase: 'PAUSED' }),
  resume_all: async () => ({ success: true, phase: 'QUEUED' }),
};

function measureOf(measure: number): { measure_id: string; state: 'done'; files: number; bytes: number; paths: { path: string; state: 'counted'; type: 'folder'; files: number; bytes: number; problems: never[]; problem_count: number }[] } {
  const counted = (measures[measure - 1] ?? []).map((path) => {
    const [size, files] = sizes[path] ?? [3.2, 48_210];
    return { path, state: 'counted' as const, type: 'folder' as const, files, bytes: gigabytes(size), problems: [], problem_count: 0 };
  });
  const sum = (of: 'files' | 'bytes'): number => counted.reduce((total, one) => total + one[of], 0);
  return { measure_id: `m${measure}`, state: 'done', files: sum('files'), bytes: sum('bytes'), paths: counted };
}

/** Everything is backed up, nothing runs, nobody is needed. */
export const calmAnswers: ScriptedAnswers = { ...householdAnswers, list_alerts: async () => ({ alerts: [...noProblem] }), get_health: async () => ({ ...health, status: 'healthy' }), list_plans: async () => ({ plans: plans.slice(0, 3) }), list_repositories: async () => ({ repositories: repositories.slice(0, 3) }), list_destinations: async () => ({ destinations: destinations.slice(0, 3) }) };
export const calmJobs: readonly Job[] = history.filter(({ phase }) => phase === 'COMPLETED');

/** Other computers back up to this one; one of them has gone quiet, and a job of this one waits for its server. */
const fingerprint = Array.from({ length: 32 }, (_, index) => ((index * 83 + 127) % 256).toString(16).padStart(2, '0').toUpperCase()).join(':');
export const servingAnswers: ScriptedAnswers = {
  ...householdAnswers,
  get_settings: async () => ({ ...settings, embedded_server: { ...settings.embedded_server, network: true } }),
  get_server_use: async () => ({
    since: ago(3.3 * hour),
    stored_bytes: gigabytes(412),
    disk: { free_bytes: gigabytes(148), total_bytes: gigabytes(512) },
    network: { urls: ['https://anna-desktop:1257', 'https://192.168.1.10:1257'], fingerprint, certificate_file: '/home/anna/.local/share/cyberbackup/server/.tls-certificate.pem' },
  }),
  list_server_users: async () => ({
    users: [
      { name: 'mara', quota_bytes: gigabytes(500), append_only: true, stored_bytes: gigabytes(310), last_seen_at: ago(1000), computers: 2 },
      { name: 'elin', quota_bytes: gigabytes(100), append_only: true, stored_bytes: gigabytes(93), last_seen_at: ago(41 * minute), computers: 2 },
      { name: 'studio', quota_bytes: null, append_only: false, stored_bytes: gigabytes(9), last_seen_at: ago(3 * day), computers: 1 },
    ],
  }),
  list_partials: async () => [{ id: 'u7', repository: 'elin', name: `data/${digest('partial')}`, client_id: 'old-phone', bytes: 38_200_000, started_at: ago(minute) }],
};
export const servingJobs: readonly Job[] = [
  aJob({ job_id: 'wait-letters', repository_id: 'default', paths: ['/home/anna/Letters'], state: 'waiting', phase: 'WAITING_RETRY', attempt: 5, progress: 40, bytes_done: gigabytes(1.2), bytes_total: gigabytes(3), next_attempt_at: ago(-192_000), error: { code: 'STORAGE_UNREACHABLE', message: 'The server of this computer was busy', parts: { what: 'The server of this computer was busy', safe: 'What was stored stays stored', next: 'The backup goes on by itself' } }, attempts: [26, 25, 23, 19, 11].map((minutes, index) => ({ attempt: index + 1, started_at: ago((minutes + 0.5) * minute), finished_at: ago(minutes * minute), error: { code: 'STORAGE_UNREACHABLE', message: 'The server of this computer was busy' }, next_attempt_at: ago((minutes - 1) * minute) })) }),
  ...busyJobs,
];

/** Before the first plan. */
export const emptyAnswers: ScriptedAnswers = {
  ...householdAnswers,
  list_alerts: async () => ({ alerts: [...noProblem] }),
  list_plans: async () => ({ plans: [] }),
  list_repositories: async () => ({ repositories: [] }),
  list_destinations: async () => ({ destinations: [] }),
  get_machine: async () => ({ ...machine, default_repository: { ...machine.default_repository, exists: false } }),
  test_repository: async () => ({ reachable: true, exists: false, password_opens: null, version: null, latency_ms: 4, certificate_fingerprint: '7f3ac01988e25d41c6b2'.padEnd(56, '4e9a') + '0b6cd297', message: 'The server answers' }),
  draft_recovery_sheet: async ({ password, url }) => ({ location: url ?? machine.default_repository.path, file_name: 'recovery-sheet.txt', text: `Recovery sheet\nanna-laptop, 20 November 2026\n\nAddress\n${url ?? machine.default_repository.path}\n\nPassword\n${password}\n\nWithout CyberBackup\nrestic snapshots\nrestic restore latest --target .\n\nKeep it away from this computer.` }),
};
