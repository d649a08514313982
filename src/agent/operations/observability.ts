/** Handlers: health, metrics, system samples, traces, alerts, and the agent's settings. */
import { invalidInput } from '../../shared/contract/check-input.ts';
import type { observabilityOperations } from '../../shared/contract/operations/observability.ts';
import type { Services, SomeHandlers } from './services.ts';

const largestPort = 65_535;

export function observabilityHandlers({ companion, health, metrics, traces, settings, settingsChanged }: Services): SomeHandlers<typeof observabilityOperations> {
  return {
    async get_health() {
      return health.current();
    },

    async get_metrics({ window }) {
      return metrics.read(window);
    },

    async get_system({ window }) {
      return { window, samples: health.samples(window) };
    },

    async list_traces({ limit }) {
      return { traces: traces.list(limit) };
    },

    async get_trace({ trace_id: id }) {
      return { trace_id: id, spans: await traces.get(id) };
    },

    async list_alerts() {
      return { alerts: health.alerts() };
    },

    async get_settings() {
      return settings.document.settings;
    },

    async update_settings(chosen) {
      const port = Number(chosen.embedded_server.listen.split(':').at(-1));
      if (port > largestPort) throw invalidInput({ path: 'embedded_server.listen', message: `A port is at most ${largestPort}` });
      const networkPort = Number(chosen.embedded_server.network_listen.split(':').at(-1));
      if (networkPort > largestPort) throw invalidInput({ path: 'embedded_server.network_listen', message: `A port is at most ${largestPort}` });
      await companion.checkNetwork(settings.document.settings.embedded_server, chosen.embedded_server);
      const { settings: kept } = settings.update((document) => ({ ...document, settings: chosen }));
      await settingsChanged();
      return kept;
    },
  };
}
