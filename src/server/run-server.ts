/**
 * A server as a process: signals, log, exit code. Used by `cyberbackup server` and `cyberbackup --server`.
 *
 * SIGTERM and SIGINT stop gracefully, a second one at once; SIGHUP reads the file of users again. A server that another
 * program started for itself also stops when that program is gone, however it ended: its standard input ends then.
 */
import type { Logger } from '../core/platform/logger.ts';
import { systemClock } from '../core/platform/clock.ts';
import { createLog, wantsReadableLines } from '../telemetry/log.ts';
import type { LogTarget } from '../telemetry/log.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';
import type { ServerOptions } from './server-options.ts';
import { onStarterEnd } from './starter-end.ts';

export interface ProcessPorts {
  /** Where log lines go; standard error by default. */
  readonly log?: LogTarget & { readonly isTTY?: boolean };
  /** Called once when the server listens. */
  readonly onListening?: (server: RunningServer) => void;
}

/** Runs until a signal stops it; resolves with the exit code. A server that cannot start throws a `Failure`. */
export async function runServer(options: ServerOptions, ports: ProcessPorts = {}): Promise<number> {
  const target = ports.log ?? process.stderr;
  const { level, format } = options.log;
  const logger = createLog({ component: 'server', level, readable: wantsReadableLines(format, target), target, clock: systemClock });
  const server = await startServer(options, { logger, env: process.env });
  announce(server, options, logger);
  ports.onListening?.(server);
  await stopSignal(server, options, logger);
  logger.info({}, 'stopped');
  return 0;
}

function announce(server: RunningServer, options: ServerOptions, logger: Logger): void {
  logger.info(
    {
      url: server.url,
      data: options.dataFolder,
      authentication: options.authentication.kind,
      append_only: options.appendOnly,
      private_repositories: options.privateRepositories,
      ...(server.network === undefined ? {} : { network_url: server.network.url, certificate_sha256: server.network.fingerprint }),
      ...(server.fingerprint === undefined ? {} : { certificate_sha256: server.fingerprint }),
    },
    'listening',
  );
  if (options.authentication.kind === 'none') logger.warn({}, 'everyone who reaches this address may read, write and delete backups');
}

/** Resolves when a signal came and the server has stopped. */
async function stopSignal(server: RunningServer, options: ServerOptions, logger: Logger): Promise<void> {
  const onHangUp = (): void => {
    server.reloadUsers().then(
      () => logger.info({}, 'users read again'),
      (error: unknown) => logger.error({ reason: String(error) }, 'users could not be read again'),
    );
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => void server.close().then(resolve, reject);
  const onStop = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, 'stopping');
    stop();
  };
  const onInputEnd = (): void => {
    logger.info({}, 'stopping, because the program that started this server has ended');
    stop();
  };
  const stopWatching = options.stopWithInput ? onStarterEnd(onInputEnd) : undefined;
  // On Windows the signal means that the console closes, and the process ends anyway.
  if (process.platform !== 'win32') process.on('SIGHUP', onHangUp);
  process.on('SIGINT', onStop);
  process.on('SIGTERM', onStop);
  try {
    await promise;
  } finally {
    process.off('SIGHUP', onHangUp);
    process.off('SIGINT', onStop);
    process.off('SIGTERM', onStop);
    stopWatching?.();
  }
}
