/** The second repository of a command: where something is copied from. Options `--from-…`, variables `…_FROM_…`. */
import type { Command } from 'commander';
import { loadAddon } from '../core/native/load-addon.ts';
import { openRepository, type Repository } from '../core/repository/repository.ts';
import { storageFailure } from '../core/storage/storage-failure.ts';
import { openCommandStore } from './command-store.ts';
import type { CliContext } from './context.ts';
import { fromEnvironment } from './global-options.ts';
import { visibleText } from './output/visible-text.ts';
import { obtainPassword } from './password.ts';
import { requireRepository } from './repository-exists.ts';

export interface FromFlags {
  readonly fromRepo?: string;
  readonly fromPasswordFile?: string;
  readonly fromInsecureNoPassword?: boolean;
}

export function addFromOptions(command: Command, what: string): Command {
  return command
    .option('--from-repo <url>', what)
    .option('--from-password-file <file>', 'file with the password of --from-repo')
    .option('--from-insecure-no-password', 'the password of --from-repo is empty');
}

/** The address of the second repository; undefined where none is named. */
export function fromRepository(context: CliContext, { fromRepo }: FromFlags): string | undefined {
  return fromRepo ?? fromEnvironment(context.env, 'FROM_REPOSITORY');
}

/** Opens the second repository, runs the body, and closes it again. */
export async function withFromRepository<T>(context: CliContext, url: string, flags: FromFlags, body: (repository: Repository) => Promise<T>): Promise<T> {
  const addon = loadAddon();
  const store = openCommandStore(context, url, addon);
  try {
    const password = await obtainPassword(context, {
      purpose: 'open',
      variables: 'FROM_PASSWORD',
      file: flags.fromPasswordFile,
      empty: flags.fromInsecureNoPassword,
      question: `Password of ${visibleText(store.location)}`,
      beforeAsking: () => requireRepository(store, context.signal),
    });
    let repository: Repository;
    try {
      repository = await openRepository({ store, addon, clock: context.clock, logger: context.logger }, { password }, context.signal);
    } finally {
      password.fill(0);
    }
    try {
      return await body(repository);
    } finally {
      await repository.close();
    }
  } catch (error) {
    throw storageFailure(error, store.location);
  } finally {
    await store.close();
  }
}
