/** This machine's folders for one who chooses among them, with the real disk behind it. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/platform/clock.ts';
import type { Home } from '../../core/platform/home.ts';
import { hostName, userName } from '../../core/platform/identity.ts';
import { loadAddon } from '../../core/native/load-addon.ts';
import type { Measure, Place, machine as machineSchema } from '../../shared/contract/schemas/machine.ts';
import type { z } from 'zod';
import type { FolderPage, FolderQuestion } from './list-folder.ts';
import { listFolder } from './list-folder.ts';
import type { MeasureQuestion } from './measure.ts';
import { Measures } from './measures.ts';
import { listPlaces } from './places.ts';
import type { RestoreTarget } from './restore-target.ts';
import { lookAtTarget } from './restore-target.ts';

export interface ThisMachineOptions {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly folders: Pick<Home, 'configuration' | 'data'>;
  readonly programVersion: string;
  /** The embedded repository. */
  readonly defaultRepository: () => { readonly path: string; readonly exists: boolean };
}

export class ThisMachine {
  readonly #options: ThisMachineOptions;
  readonly #measures: Measures;

  constructor(options: ThisMachineOptions) {
    this.#options = options;
    this.#measures = new Measures({ clock: options.clock, env: options.env, addon: loadAddon() });
  }

  describe(): z.infer<typeof machineSchema> {
    const { folders, programVersion, defaultRepository } = this.#options;
    return {
      hostname: hostName(),
      username: userName(),
      platform: process.platform,
      version: programVersion,
      home_folder: homedir(),
      configuration_folder: folders.configuration,
      data_folder: folders.data,
      log_folder: join(folders.data, 'logs'),
      default_repository: defaultRepository(),
    };
  }

  places(): Promise<Place[]> {
    const { clock, env } = this.#options;
    return listPlaces({ clock, env, home: homedir(), platform: process.platform });
  }

  folder(question: FolderQuestion): Promise<FolderPage> {
    return listFolder(question);
  }

  target(path: string): Promise<RestoreTarget> {
    return lookAtTarget(path);
  }

  startMeasure(question: MeasureQuestion): Measure {
    return this.#measures.start(question);
  }

  measure(id: string): Measure {
    return this.#measures.get(id);
  }

  cancelMeasure(id: string): Promise<void> {
    return this.#measures.cancel(id);
  }

  close(): Promise<void> {
    return this.#measures.close();
  }
}
