/**
 * What the agent is made of in a process of its own: telemetry, and the parts with their real files, workers and servers.
 * The only place that knows every part by name.
 */
import type { Clock } from '../core/platform/clock.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { Failure } from '../shared/errors.ts';
import type { AgentPorts } from './agent.ts';

export interface AgentPortsOptions {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly log: { readonly level: 'debug' | 'info' | 'warn'; readonly format: 'json' | 'auto' };
}

export function createAgentPorts({ clock }: AgentPortsOptions): AgentPorts {
  const span = { traceparent: '', traceId: '0'.repeat(32), set: () => undefined, event: () => undefined };
  return {
    clock,
    telemetry: {
      logger: silentLogger,
      metrics: { count: () => undefined, gauge: () => undefined, time: () => undefined, observe: () => undefined },
      tracer: { within: (_name, _options, body) => body(span) },
    },
    createParts: () => Promise.reject(new Failure('CONFIGURATION', { what: 'Queue and workers are not part of this build' })),
  };
}
