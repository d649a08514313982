/** What the agent's surroundings may do in their own way: Electron instead of Node. Whatever is missing is done as in Node. */
import type { LaunchCompanion } from './companion/companion-process.ts';
import type { OpenSecretStore } from './repositories/secret-store.ts';
import type { LaunchWorker } from './workers/worker-port.ts';

export interface AgentPlatform {
  readonly launchWorker?: LaunchWorker;
  readonly launchCompanion?: LaunchCompanion;
  readonly openSecrets?: OpenSecretStore;
}
