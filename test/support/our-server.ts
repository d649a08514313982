/** Our server inside the test process, on a free port of loopback. */
import { defaultLimits } from '../../src/server/server-options.ts';
import type { ServerOptions } from '../../src/server/server-options.ts';
import { startServer } from '../../src/server/server.ts';
import type { RunningServer } from '../../src/server/server.ts';

/** Without authentication and with a quiet log, unless told otherwise. */
export function serveFolder(dataFolder: string, options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  return startServer({
    host: '127.0.0.1',
    port: 0,
    dataFolder,
    authentication: { kind: 'none' },
    privateRepositories: false,
    appendOnly: false,
    prometheus: false,
    log: { level: 'error', format: 'json' },
    limits: defaultLimits,
    ...options,
  });
}
