/**
 * The agent, composed: the same in Electron's main process and in a plain Node process.
 *
 * Order of start: folders, lock, token, parts, API, `agent.json`, and only then work. Stopping is the same way back: nobody
 * is let in, workers end, files close, the lock goes last.
 */
import { mkdir } from 'node:fs/promises';
import type { Clock } from '../core/platform/clock.ts';
import { Failure } from '../shared/errors.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { AgentFolders, AgentParts, CreateParts } from './agent-parts.ts';
import { lockHome, removeAgentFile, writeAgentFile } from './agent-file.ts';
import { startApi } from './api/api-server.ts';
import type { RunningApi } from './api/api-server.ts';
import { Credentials } from './api/credentials.ts';
import type { ListenAddress } from './api/listen-address.ts';
import { defaultRateLimits } from './api/rate-limiter.ts';
import type { RateLimits } from './api/rate-limiter.ts';
import { ensureToken, tokenPath } from './api/token-file.ts';
import { EventHub } from './event-hub.ts';
import type { EventListener } from './event-hub.ts';
import { createHandlers } from './operations/handlers.ts';
import type { Handlers } from './operations/services.ts';

export interface AgentOptions {
  readonly folders: AgentFolders;
  readonly listen: ListenAddress;
  /** Another program on that port costs the address, not the start: then any free one is taken. */
  readonly elseAnyPort?: boolean;
  /** Folder of the built interface. */
  readonly interfaceFolder?: string;
  readonly programVersion: string;
  readonly rateLimits?: RateLimits;
  /** Holds what handlers answer against the contract; for development and tests. */
  readonly checkOutput?: boolean;
}

export interface AgentPorts {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly createParts: CreateParts;
}

export interface RunningAgent {
  readonly url: string;
  readonly parts: AgentParts;
  /** For a transport other than HTTP. */
  readonly handlers: Handlers;
  listen(listener: EventListener): () => void;
  /** Clients that listen to events over HTTP. */
  eventClients(): number;
  /** Lets a browser in, once, within a minute. */
  makeLoginCode(): string;
  /** Resolves when everything is closed; a second call waits for the same end. */
  stop(): Promise<void>;
}

/** Throws a `Failure`: AGENT_RUNNING, PORT_IN_USE, CONFIGURATION, and what the parts have to say. */
export async function startAgent(options: AgentOptions, ports: AgentPorts): Promise<RunningAgent> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    // One step that fails must not keep the others from being done, the lock's above all.
    const failures: unknown[] = [];
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    return await start(options, ports, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: AgentOptions, { clock, telemetry, createParts }: AgentPorts, undo: (() => Promise<void>)[], stop: () => Promise<void>): Promise<RunningAgent> {
  const { folders, programVersion, listen } = options;
  for (const folder of [folders.configuration, folders.data]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await lockHome(folders.data, clock);
  undo.push(() => lock.release());
  const credentials = new Credentials(await ensureToken(tokenPath(folders.configuration)), clock);

  const hub = new EventHub(telemetry.logger);
  const parts = await createParts({ folders, clock, telemetry, programVersion, emit: hub.emit });
  undo.push(() => parts.stop());
  const handlers = createHandlers({ ...parts, clock, emit: hub.emit });
  const serve = (address: ListenAddress): Promise<RunningApi> => startApi(
    { listen: address, programVersion, rateLimits: options.rateLimits ?? defaultRateLimits, checkOutput: options.checkOutput === true, ...(options.interfaceFolder === undefined ? {} : { interfaceFolder: options.interfaceFolder }) },
    { clock, telemetry, credentials, handlers, hub, prometheus: () => parts.metrics.prometheus() },
  );
  const api = await serve(listen).catch(async (error: unknown) => {
    if (options.elseAnyPort !== true || !(error instanceof Failure) || error.code !== 'PORT_IN_USE') throw error;
    return await serve({ ...listen, port: 0 });
  });
  undo.push(() => api.close());
  await writeAgentFile(folders.data, { url: api.url, pid: process.pid, version: programVersion });
  undo.push(() => removeAgentFile(folders.data));
  await parts.start();
  telemetry.logger.info({ url: api.url }, 'listening');

  let stopped: Promise<void> | undefined;
  return {
    url: api.url,
    parts,
    handlers,
    listen: (listener) => hub.listen(listener),
    eventClients: () => api.clients(),
    makeLoginCode: () => credentials.makeLoginCode(),
    stop: () => (stopped ??= stop()),
  };
}
