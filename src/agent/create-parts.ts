/**
 * The parts of an agent with their real files, workers and servers. The only place that knows every part by name.
 *
 * Order of stopping: nothing new is started (plans, runner, which waits for its workers), then what only watches, then the
 * companion server, which running workers needed until then, and files last.
 */
import { join } from 'node:path';
import { Failure } from '../shared/errors.ts';
import type { EventName, EventPayload } from '../shared/contract/events.ts';
import type { Job } from '../shared/contract/schemas/job.ts';
import { prometheusText } from '../telemetry/prometheus-text.ts';
import type { ProcessTelemetry } from '../telemetry/start-telemetry.ts';
import { SystemSampler } from '../telemetry/system-sampler.ts';
import type { TraceStore } from '../telemetry/trace-store.ts';
import type { AgentParts, Surroundings } from './agent-parts.ts';
import type { AgentPlatform } from './agent-platform.ts';
import { CompanionHost, orNothing } from './companion/companion-host.ts';
import { checkNetwork } from './companion/companion-network.ts';
import { CompanionUse } from './companion/companion-use.ts';
import { CompanionUsers } from './companion/companion-users.ts';
import { ConnectionWatch } from './companion/connection-watch.ts';
import { DestinationBoard } from './companion/destination-board.ts';
import { throughCompanion } from './embedded-access.ts';
import { AlertBoard } from './health/alert-board.ts';
import { alertStalled } from './health/health-monitor.ts';
import { raiseKeptDamage } from './health/kept-damage.ts';
import { JobOutcomes } from './health/job-outcomes.ts';
import { createHealth } from './create-health.ts';
import { createRetention } from './create-retention.ts';
import { ThisMachine } from './machine/machine.ts';
import { planJob } from './operations/new-job.ts';
import { PlanBook } from './plans/plan-book.ts';
import { Scheduler } from './plans/scheduler.ts';
import { openQueue } from './queue/open-queue.ts';
import { Readers, readerTarget } from './readers/readers.ts';
import { testConnection } from './repositories/connection-test.ts';
import { diagnose } from './repositories/diagnosis.ts';
import { defaultRepository, defaultRepositoryExists } from './repositories/default-repository.ts';
import { Repositories, connectionPorts } from './repositories/repositories.ts';
import { repositoryUse } from './repositories/with-repository.ts';
import { FileSecretStore } from './repositories/secret-store.ts';
import type { OpenSecretStore } from './repositories/secret-store.ts';
import { runnerServices } from './runner-services.ts';
import { JobRunner } from './runner/runner.ts';
import { WeekWatch } from './runner/week-watch.ts';
import { openSettings } from './settings/settings-file.ts';
import { forkWorker } from './workers/fork-worker.ts';
import { memoryKills } from './workers/memory-kills.ts';
import { superviseWorkers } from './workers/supervise-worker.ts';

/** Jobs whose ends are looked at for failures in a row. */
const historyForAlerts = 500;

export interface OwnTelemetry {
  readonly env: NodeJS.ProcessEnv;
  readonly platform?: AgentPlatform;
  readonly telemetry: ProcessTelemetry;
  readonly traces: TraceStore;
}

export async function createParts({ folders, clock, emit, programVersion }: Surroundings, { env, platform = {}, telemetry, traces }: OwnTelemetry): Promise<AgentParts> {
  const { logger, metrics } = telemetry;
  const alerts = new AlertBoard(clock, emit);
  const outcomes = new JobOutcomes(clock, alerts);
  const tell = <Name extends EventName>(name: Name, payload: EventPayload<Name>): void => {
    if (name === 'job_completed' || name === 'job_failed') {
      outcomes.ended(payload as Parameters<JobOutcomes['ended']>[0]);
      retention.jobEnded((payload as Job).job_id);
    }
    emit(name, payload);
  };

  const { file: settings, repair } = openSettings(folders.configuration, { logger, now: () => clock.now() });
  const openSecrets: OpenSecretStore = platform.openSecrets ?? ((...place) => new FileSecretStore(...place));
  const secrets = openSecrets(folders.configuration, { logger, now: () => clock.now() });
  for (const mended of [repair, secrets.repair]) if (mended !== undefined) alerts.raise('settings_restored', { code: 'settings_repaired', values: { folder: folders.configuration, outcome: mended.outcome }, subject: folders.configuration, severity: 'warning', message: mended.message });
  const { queue, damage } = openQueue(join(folders.data, 'queue.sqlite'), { clock, logger });
  if (damage !== undefined) {
    const message = `The job queue was damaged (${damage.reason}) and was set aside; a new one was begun. Backups, plans and settings are unchanged. Jobs that were waiting have to be started again. The damaged file is kept as ${damage.movedTo.join(', ')}`;
    alerts.raise('queue_damaged', { code: 'queue_set_aside', values: { files: damage.movedTo.join(', ') }, subject: folders.data, severity: 'critical', message });
  }
  raiseKeptDamage(alerts, 'queue_damaged', folders.data, ['queue.sqlite'], clock.now());
  raiseKeptDamage(alerts, 'settings_restored', folders.configuration, ['settings.', 'secrets.'], clock.now());

  const serverFolder = join(folders.data, 'server');
  const companion = new CompanionHost({ clock, logger, folders, env, launch: platform.launchCompanion, settings: () => settings.document.settings.embedded_server });
  const companionUse = new CompanionUse({ client: companion, isRunning: () => companion.isRunning, dataFolder: serverFolder, networkListen: () => settings.document.settings.embedded_server.network_listen });
  const companionUsers = new CompanionUsers({ clock, dataFolder: serverFolder, ask: () => companionUse.users() });
  const watch = new ConnectionWatch({ clock, logger, client: companion, isRunning: () => companion.isRunning, emit, metrics, onLook: (connections) => alertStalled(alerts, connections) });
  const destinations = new DestinationBoard();

  const usedBy = (id: string): string | undefined => {
    const plan = settings.document.plans.find(({ repository_id }) => repository_id === id);
    if (plan !== undefined) return `the plan "${plan.name}"`;
    return queue.activeOf({ repositoryId: id }) === undefined ? undefined : 'a job that is not over';
  };
  const onRepositories = (changed?: string): void => {
    if (changed !== undefined) readers.forget(changed);
    if (changed !== undefined && !repositories.has(changed)) retention.removed(changed);
    emit('repositories_changed', {});
  };
  const repositories = new Repositories({ settings, secrets, home: folders, clock, logger, usedBy, onChange: onRepositories });
  const launch = platform.launchWorker ?? forkWorker({ env });
  const readers = new Readers({
    launch,
    clock,
    logger,
    memoryKills,
    target: async (id) => readerTarget(id, await repositories.target(id), folders.cache),
    onCatalogue: (id, { indexing, snapshotsDone, snapshotsTotal }) => emit('catalogue_changed', { repository_id: id, indexing, snapshots_done: snapshotsDone, snapshots_total: snapshotsTotal }),
  });
  const retention = createRetention({
    clock,
    logger,
    emit,
    alerts,
    folder: folders.configuration,
    queue,
    use: repositoryUse(repositories, { clock, logger, home: folders }),
    enqueue: (job) => void runner.enqueue(job),
    settings,
  });

  const runner = new JobRunner({
    queue,
    startWorker: superviseWorkers({ launch, clock, memoryKills }),
    registry: throughCompanion(repositories, companion),
    settings: () => settings.document.settings,
    clock,
    telemetry,
    emit: tell,
    random: Math.random,
    programVersion,
    memoryFolder: folders.configuration,
    isWithdrawn: (job) => retention.isWithdrawn(job),
    onDestination: (worker, health) => destinations.update(worker, health),
    onWorkerEnded: (worker) => destinations.ended(worker),
    onSpans: (spans) => traces.add(spans),
  });
  const jobs = runnerServices(runner, queue);

  const plans = new PlanBook({ settings, clock, logger, hasRepository: (id) => repositories.has(id), onChange: () => scheduler.wake() });
  const scheduler: Scheduler = new Scheduler({
    plans,
    clock,
    logger,
    random: Math.random,
    isActive: (planId) => queue.activeOf({ planId }) !== undefined,
    startPlan: async (plan, why) =>
      telemetry.tracer.within('plan.start', { attributes: { plan_id: plan.plan_id, why } }, ({ traceId }) => jobs.runner.enqueue(planJob(plan, { repositoryId: plan.repository_id, maxAttempts: settings.document.settings.max_attempts, traceId })).job_id),
  });

  const week = new WeekWatch({
    clock,
    logger,
    week: () => settings.document.settings.week_limits,
    plansPausedUntil: () => settings.document.plansPausedUntil,
    onLimits: () => runner.limitsChanged(),
    pauseAll: async (until) => {
      plans.pauseAll(until);
      emit('plans_changed', {});
      await jobs.runner.pauseAll(until);
    },
    resumeAll: async () => {
      plans.resumeAll();
      emit('plans_changed', {});
      await jobs.runner.resumeAll();
    },
  });

  const planIds = new Set(plans.list().map(({ plan_id }) => plan_id));
  outcomes.earlier(queue.list({ state: 'done', limit: historyForAlerts }), (id) => planIds.has(id) || repositories.has(id));

  const embedded = defaultRepository(folders);
  const machine = new ThisMachine({ clock, env, folders, programVersion, defaultRepository: () => ({ path: embedded.path, exists: defaultRepositoryExists(embedded) }) });

  const sampler = new SystemSampler({ clock, logger, folder: folders.data });
  const health = createHealth({ clock, logger, emit, alerts, sampler, folders, companion, watch, destinations, outcomes, queue });
  const stopping = new AbortController();
  const watching: Promise<void>[] = [];

  return {
    ...jobs,
    plans,
    runPlan: (id) => scheduler.runNow(id),
    settings,
    settingsChanged: async () => {
      runner.settingsChanged();
      await week.look();
      await companion.settingsChanged();
    },
    repositories: {
      list: () => repositories.list(),
      get: (id) => repositories.get(id),
      has: (id) => repositories.has(id),
      ensureDefault: () => repositories.ensureDefault(),
      access: (id) => repositories.access(id),
      used: (id, result) => repositories.used(id, result),
      add: (repository) => repositories.add(repository),
      update: (id, change) => repositories.update(id, change),
      remove: (id) => repositories.remove(id),
      setUpDefault: (password) => repositories.setUpDefault(password),
      recoverySheet: (id) => repositories.recoverySheet(id),
      draftSheet: (connection) => repositories.draftSheet(connection),
      passwordMatches: (id, password) => repositories.passwordMatches(id, password),
      test: (connection) => testConnection(connection, connectionPorts({ clock, logger, home: folders })),
      diagnose: async (id) => {
        const { url } = repositories.get(id);
        return { location: url, steps: await diagnose(url, clock) };
      },
    },
    readers,
    retention: retention.service,
    companion: {
      status: () => ({ ...companion.reach(), data_folder: serverFolder }),
      use: () => companionUse.read(),
      users: () => companionUsers.list(),
      addUser: (user) => companionUsers.add(user),
      updateUser: (name, change) => companionUsers.update(name, change),
      removeUser: async (name) => companionUsers.remove(name),
      checkNetwork: (before, chosen) => checkNetwork(before, chosen, () => companionUsers.count),
      connections: () => orNothing(companion, {}, () => watch.connections()),
      closedConnections: () => orNothing(companion, [], () => watch.closedConnections()),
      partials: () => orNothing(companion, [], () => watch.partials()),
      abortPartial: (id) => watch.abortPartial(id),
    },
    machine,
    destinations,
    health,
    metrics: { read: (window) => metrics.snapshot(window), prometheus: () => prometheusText(metrics.families()) },
    traces: {
      list: (limit) => traces.list(limit),
      async get(traceId) {
        await watch.mergeTrace(traceId, traces);
        const spans = traces.get(traceId);
        if (spans === undefined) throw new Failure('TRACE_NOT_FOUND', { what: `There is no trace ${traceId}`, next: 'The latest thousand traces are kept: it may be older' });
        return spans;
      },
    },
    async start() {
      await companion.adopt();
      await runner.start();
      scheduler.start();
      watching.push(week.run(stopping.signal), sampler.run(stopping.signal), health.run(stopping.signal), watch.run(stopping.signal));
    },
    async stop() {
      await scheduler.stop();
      await runner.close();
      stopping.abort(new Error('the agent stops'));
      await Promise.all(watching);
      await retention.close();
      await machine.close();
      await readers.close();
      await companion.stop();
      queue.close();
      await telemetry.close();
    },
  };
}
