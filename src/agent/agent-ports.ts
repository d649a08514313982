/** What the agent of a process works with: its clock, its telemetry, and the parts with their real files, workers and servers. */
import type { Clock } from '../core/platform/clock.ts';
import { createLog, wantsReadableLines } from '../telemetry/log.ts';
import type { LogTarget } from '../telemetry/log.ts';
import { startTelemetry } from '../telemetry/start-telemetry.ts';
import { TraceStore } from '../telemetry/trace-store.ts';
import type { AgentPorts } from './agent.ts';
import type { AgentPlatform } from './agent-platform.ts';
import { createParts } from './create-parts.ts';

export interface AgentPortsOptions {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** `target` default: standard error. */
  readonly log: { readonly level: 'debug' | 'info' | 'warn'; readonly format: 'json' | 'auto'; readonly target?: LogTarget & { readonly isTTY?: boolean } };
  readonly platform?: AgentPlatform;
}

export function createAgentPorts({ clock, env, log: { level, format, target = process.stderr }, platform = {} }: AgentPortsOptions): AgentPorts {
  const logger = createLog({ component: 'agent', level, readable: wantsReadableLines(format, target), target, clock });
  const traces = new TraceStore();
  const telemetry = startTelemetry({ component: 'agent', clock, logger, spans: traces, env });
  return { clock, telemetry, createParts: (surroundings) => createParts(surroundings, { env, platform, telemetry, traces }) };
}
