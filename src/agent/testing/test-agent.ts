/** The agent inside the test process, on a free port of loopback, with a home of its own and parts that do no work. */
import { readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { createClient, fetchTransport } from '../../shared/contract/client.ts';
import type { Client } from '../../shared/contract/client.ts';
import type { Emit } from '../../shared/contract/events.ts';
import { startAgent } from '../agent.ts';
import type { AgentOptions, RunningAgent } from '../agent.ts';
import { createFakeParts } from './fake-parts.ts';
import type { FakeParts } from './fake-parts.ts';
import type { Faults } from './faults.ts';
import { recordTelemetry } from './fake-telemetry.ts';
import type { RecordedTelemetry } from './fake-telemetry.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly body: unknown;
}

export interface RawRequest {
  readonly method?: string;
  /** Sent as it is. */
  readonly target: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** By default the agent's own. */
  readonly token?: string | null;
}

export interface TestAgent {
  readonly agent: RunningAgent;
  readonly folder: string;
  readonly token: string;
  readonly port: number;
  readonly client: Client;
  readonly parts: FakeParts;
  readonly faults: Faults;
  readonly telemetry: RecordedTelemetry;
  /** As a part of the agent would. */
  readonly emit: Emit;
  send(request: RawRequest): Promise<Answer>;
  stop(): Promise<void>;
}

export interface TestAgentOptions extends Partial<Pick<AgentOptions, 'rateLimits' | 'interfaceFolder'>> {
  readonly clock?: Clock;
  /** A home that exists; the test removes it. */
  readonly folder?: string;
}

export async function startTestAgent({ clock = systemClock, folder: given, ...options }: TestAgentOptions = {}): Promise<TestAgent> {
  const folder = given ?? temporaryFolder('agent');
  const telemetry = recordTelemetry();
  const faults: Faults = {};
  let parts: FakeParts | undefined;
  let emit: Emit | undefined;
  const agent = await startAgent(
    { folders: { configuration: folder, data: folder, cache: join(folder, 'cache') }, listen: { host: '127.0.0.1', port: 0 }, programVersion: '0.0.0-test', checkOutput: true, ...options },
    {
      clock,
      telemetry,
      createParts: async (surroundings) => {
        emit = surroundings.emit;
        return (parts = createFakeParts(surroundings, faults));
      },
    },
  );
  if (parts === undefined || emit === undefined) throw new TypeError('The agent started without its parts');
  const token = readFileSync(join(folder, 'api-token'), 'utf8').trim();
  const port = Number(new URL(agent.url).port);
  return {
    agent,
    folder,
    token,
    port,
    parts,
    faults,
    telemetry,
    emit,
    client: createClient(fetchTransport({ baseUrl: agent.url, token })),
    send: async ({ token: shown = token, ...rest }) => await sendRaw(port, rest, shown),
    async stop() {
      await agent.stop();
      if (given === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One request on a connection of its own; nothing is normalised, and the whole body is sent before the answer is read. */
function sendRaw(port: number, { method = 'GET', target, headers = {}, body }: RawRequest, token: string | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const given = { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'Content-Type': 'application/json', ...('Transfer-Encoding' in headers ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }) }), ...headers };
    const sent = request({ host: '127.0.0.1', port, method, path: target, headers: given, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) }));
      response.once('error', reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
