/** Health, metrics, system samples, traces, alerts, and the agent's settings. */
import { z } from 'zod';
import { operation } from '../operation.ts';
import { timestamp, traceId } from '../schemas/common.ts';
import { alert, health, metrics, span, systemSample } from '../schemas/observability.ts';
import { settings } from '../schemas/settings.ts';

const nothing = z.strictObject({});
const inWindow = z.strictObject({ window: z.number().int().min(1).max(3600).default(300).describe('seconds') });

export const observabilityOperations = {
  get_health: operation({ method: 'GET', path: '/api/observability/health', description: 'The health of the agent and of what it uses.', input: nothing, output: health, errors: [] }),
  get_metrics: operation({ method: 'GET', path: '/api/observability/metrics', description: 'Counters, gauges, timers and histograms of a window.', input: inWindow, output: metrics, errors: [] }),
  get_system: operation({
    method: 'GET',
    path: '/api/observability/system',
    description: 'Samples of processor, memory, event loop and disk.',
    input: inWindow,
    output: z.strictObject({ window: z.number().int(), samples: z.array(systemSample) }),
    errors: [],
  }),
  list_traces: operation({
    method: 'GET',
    path: '/api/observability/traces',
    description: 'The latest traces, newest first.',
    input: z.strictObject({ limit: z.number().int().min(1).max(1000).default(50) }),
    output: z.strictObject({ traces: z.array(z.strictObject({ trace_id: traceId, name: z.string(), started_at: timestamp, duration_ms: z.number(), spans: z.number().int(), status: z.enum(['ok', 'error', 'unset']) })) }),
    errors: [],
  }),
  get_trace: operation({
    method: 'GET',
    path: '/api/observability/traces/{trace_id}',
    description: 'The spans of one trace, of agent, worker and server, oldest first.',
    input: z.strictObject({ trace_id: traceId }),
    output: z.strictObject({ trace_id: traceId, spans: z.array(span) }),
    errors: ['TRACE_NOT_FOUND'],
  }),
  list_alerts: operation({ method: 'GET', path: '/api/observability/alerts', description: 'Alerts, newest first.', input: nothing, output: z.strictObject({ alerts: z.array(alert) }), errors: [] }),
  get_settings: operation({ method: 'GET', path: '/api/settings', description: 'The settings of the agent.', input: nothing, output: settings, errors: [] }),
  update_settings: operation({ method: 'PUT', path: '/api/settings', description: 'Replaces the settings of the agent.', input: settings, output: settings, errors: ['QUEUE_FULL', 'SERVER_USERS_NEEDED', 'PORT_IN_USE', 'CONFIGURATION'] }),
} as const;
