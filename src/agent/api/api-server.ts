/** The local API as one thing: HTTP and events on one port, started and stopped together. */
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../core/platform/clock.ts';
import { openApiDocument } from '../../shared/contract/openapi.ts';
import { Failure } from '../../shared/errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { EventHub } from '../event-hub.ts';
import type { Handlers } from '../operations/services.ts';
import type { Credentials } from './credentials.ts';
import { serveEvents } from './event-server.ts';
import { createHttpApi } from './http-api.ts';
import { openInterfaceFiles } from './interface-files.ts';
import { urlOf } from './listen-address.ts';
import type { ListenAddress } from './listen-address.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { RateLimits } from './rate-limiter.ts';

export interface ApiOptions {
  readonly listen: ListenAddress;
  /** Folder of the built interface; absent: a page says where the API is. */
  readonly interfaceFolder?: string;
  readonly programVersion: string;
  readonly rateLimits: RateLimits;
  readonly checkOutput: boolean;
}

export interface ApiServices {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly credentials: Credentials;
  readonly handlers: Handlers;
  readonly hub: EventHub;
  /** The text format of Prometheus. */
  readonly prometheus: () => string;
}

export interface RunningApi {
  /** `http://127.0.0.1:9090` */
  readonly url: string;
  readonly port: number;
  /** Clients that listen to events. */
  clients(): number;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Throws `PORT_IN_USE` or `CONFIGURATION`. */
export async function startApi(options: ApiOptions, services: ApiServices): Promise<RunningApi> {
  const { listen, programVersion, rateLimits, checkOutput } = options;
  const { clock, telemetry, credentials, handlers, hub, prometheus } = services;
  const port = (): number => (http.server.address() as AddressInfo).port;
  const http = createHttpApi(
    {
      handlers,
      credentials,
      limiter: new RateLimiter(clock, rateLimits),
      interfaceFiles: await openInterfaceFiles(options.interfaceFolder),
      telemetry,
      prometheus,
      describe: (serverUrl) => openApiDocument({ programVersion, serverUrl }),
      port,
    },
    { checkOutput },
  );
  const events = serveEvents(http.server, { hub, credentials, clock, port });
  try {
    await http.listen({ host: listen.host, port: listen.port, exclusive: true });
  } catch (error) {
    events.close();
    await http.close();
    throw listenFailure(error, listen);
  }
  return {
    url: urlOf({ host: listen.host, port: port() }),
    port: port(),
    clients: () => events.clients(),
    async close() {
      events.close();
      await http.close();
    },
  };
}

function listenFailure(error: unknown, { host, port }: ListenAddress): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new Failure('PORT_IN_USE', { what: `Port ${port} of ${host} is in use by another program`, next: 'Stop it, or choose another port with --listen' }, { cause: error });
  }
  if (typeof code !== 'string' || !(error instanceof Error && 'syscall' in error)) return error;
  return new Failure('CONFIGURATION', { what: `Cannot listen on ${host}, port ${port} (${code})`, next: 'Choose another address with --listen' }, { cause: error });
}
