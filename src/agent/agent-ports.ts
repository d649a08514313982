/** What the agent of a process works with: its clock, its telemetry, and the parts with their real files, workers and servers. */
import type { Clock } from '../core/platform/clock.ts';
import { createLog, wantsReadableLines } from '../telemetry/log.ts';
import { startTelemetry } from '../telemetry/start-telemetry.ts';
import { TraceStore } from '../telemetry/trace-store.ts';
import type { AgentPorts } from './agent.ts';
import { createParts } from './create-parts.ts';

export interface AgentPortsOptions {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly log: { readonly level: 'debug' | 'info' | 'warn'; readonly format: 'json' | 'auto' };
}

export function createAgentPorts({ clock, env, log: { level, format } }: AgentPortsOptions): AgentPorts {
  const target = process.stderr;
  const logger = createLog({ component: 'agent', level, readable: wantsReadableLines(format, target), target, clock });
  const traces = new TraceStore();
  const telemetry = startTelemetry({ component: 'agent', clock, logger, spans: traces, env });
  return { clock, telemetry, createParts: (surroundings) => createParts(surroundings, { env, telemetry, traces }) };
}
